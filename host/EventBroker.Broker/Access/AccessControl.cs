using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;

namespace EventBroker.Broker.Access;

/// <summary>Asks the authorizers: each in turn, any denial ends the call, and without authorizers everything is denied.</summary>
internal sealed class AccessControl
{
    private readonly IAuthorizer[] _authorizers;
    private readonly Denials _denials;

    public AccessControl(IReadOnlyList<IAuthorizer> authorizers, Denials denials)
    {
        _authorizers = [.. authorizers];
        _denials = denials;
    }

    /// <summary>Lets every authorizer look at the caller's credentials, once per caller.</summary>
    /// <exception cref="BrokerException">There is no authorizer, or one objects.</exception>
    public ValueTask AuthenticateAsync(Caller caller, CancellationToken cancellationToken) =>
        ThrowIfDenied(FindAuthenticationDenialAsync(caller, cancellationToken));

    /// <summary>Ends when the operation is allowed; without waiting where no authorizer waits.</summary>
    /// <exception cref="BrokerException">It is not.</exception>
    public ValueTask AuthorizeAsync(
        Caller caller, BrokerOperation operation, string eventName, string workerGroup, CancellationToken cancellationToken) =>
        ThrowIfDenied(FindDenialAsync(caller, operation, eventName, workerGroup, cancellationToken));

    /// <summary>Asks as <see cref="AuthorizeAsync"/> does. Nothing is thrown for a denial: throwing costs a hundred times as much as
    /// asking, and a call may ask for thousands of events.</summary>
    /// <returns>Why the operation is denied; null if it is allowed.</returns>
    public ValueTask<BrokerException?> FindDenialAsync(
        Caller caller, BrokerOperation operation, string eventName, string workerGroup, CancellationToken cancellationToken)
    {
        var request = new AuthorizationRequest
        {
            Caller = caller,
            Operation = operation,
            EventName = eventName,
            WorkerGroup = workerGroup,
        };
        try
        {
            var objection = FindAuthenticationDenialAsync(caller, cancellationToken);
            var decided = !objection.IsCompletedSuccessfully ? AuthenticateThenDecideAsync(objection, request, cancellationToken)
                : objection.Result is { } denied ? new(denied)
                : DecideAsync(request, cancellationToken);
            return decided.IsCompletedSuccessfully ? decided : CatchAsync(decided);
        }
        catch (BrokerException thrown)
        {
            // An authorizer may deny by throwing as well.
            return new(thrown);
        }
    }

    /// <summary>Whether an operation would be allowed, for an answer that depends on it: a no is no denial and leaves no trace.</summary>
    /// <returns>True if it would.</returns>
    public async ValueTask<bool> WouldAllowAsync(Caller caller, BrokerOperation operation, CancellationToken cancellationToken)
    {
        var request = new AuthorizationRequest { Caller = caller, Operation = operation, EventName = "", WorkerGroup = "" };
        try
        {
            foreach (var authorizer in caller.IsAuthenticated ? [] : _authorizers)
            {
                if (!(await authorizer.AuthenticateAsync(caller, cancellationToken)).IsAllowed)
                {
                    return false;
                }
            }

            caller.IsAuthenticated = true;
            foreach (var authorizer in _authorizers)
            {
                if (!(await authorizer.AuthorizeAsync(request, cancellationToken)).IsAllowed)
                {
                    return false;
                }
            }
        }
        catch (BrokerException)
        {
            return false;
        }

        return _authorizers.Length > 0;
    }

    private static ValueTask ThrowIfDenied(ValueTask<BrokerException?> denial)
    {
        if (!denial.IsCompletedSuccessfully)
        {
            return AwaitAsync(denial);
        }

        return denial.Result is { } denied ? throw denied : default;

        static async ValueTask AwaitAsync(ValueTask<BrokerException?> denial)
        {
            if (await denial is { } denied)
            {
                throw denied;
            }
        }
    }

    private static async ValueTask<BrokerException?> CatchAsync(ValueTask<BrokerException?> decided)
    {
        try
        {
            return await decided;
        }
        catch (BrokerException thrown)
        {
            return thrown;
        }
    }

    private ValueTask<BrokerException?> FindAuthenticationDenialAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (_authorizers.Length == 0)
        {
            // Said once, when the broker starts.
            _denials.Count();
            return new(new BrokerException(BrokerErrorCode.PermissionDenied, "no authorizer configured"));
        }

        return caller.IsAuthenticated ? default : AuthenticateNewAsync(caller, cancellationToken);
    }

    private async ValueTask<BrokerException?> AuthenticateThenDecideAsync(
        ValueTask<BrokerException?> objection, AuthorizationRequest request, CancellationToken cancellationToken) =>
        await objection ?? await DecideAsync(request, cancellationToken);

    private ValueTask<BrokerException?> AuthenticateNewAsync(Caller caller, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _authorizers.Length; i++)
        {
            var answer = _authorizers[i].AuthenticateAsync(caller, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return AuthenticateRestAsync(i, answer, caller, cancellationToken);
            }

            if (Denial(answer.Result, caller, "Authenticate", "") is { } denied)
            {
                return new(denied);
            }
        }

        caller.IsAuthenticated = true;
        return default;
    }

    private async ValueTask<BrokerException?> AuthenticateRestAsync(
        int index, ValueTask<AuthorizationDecision> pending, Caller caller, CancellationToken cancellationToken)
    {
        for (var answer = await pending; ; answer = await _authorizers[index].AuthenticateAsync(caller, cancellationToken))
        {
            if (Denial(answer, caller, "Authenticate", "") is { } denied)
            {
                return denied;
            }

            if (++index == _authorizers.Length)
            {
                caller.IsAuthenticated = true;
                return null;
            }
        }
    }

    private ValueTask<BrokerException?> DecideAsync(in AuthorizationRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _authorizers.Length; i++)
        {
            var answer = _authorizers[i].AuthorizeAsync(request, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return DecideRestAsync(i, answer, request, cancellationToken);
            }

            if (Denial(answer.Result, request) is { } denied)
            {
                return new(denied);
            }
        }

        return default;
    }

    private async ValueTask<BrokerException?> DecideRestAsync(
        int index, ValueTask<AuthorizationDecision> pending, AuthorizationRequest request, CancellationToken cancellationToken)
    {
        for (var answer = await pending; ; answer = await _authorizers[index].AuthorizeAsync(request, cancellationToken))
        {
            if (Denial(answer, request) is { } denied)
            {
                return denied;
            }

            if (++index == _authorizers.Length)
            {
                return null;
            }
        }
    }

    private BrokerException? Denial(AuthorizationDecision decision, in AuthorizationRequest request) =>
        decision.IsAllowed ? null : Denial(decision, request.Caller, request.Operation.ToString(), request.EventName);

    private BrokerException? Denial(AuthorizationDecision decision, Caller caller, string operation, string eventName)
    {
        if (decision.IsAllowed)
        {
            return null;
        }

        _denials.Add(caller, operation, eventName, decision.Reason ?? "no decision");
        return new BrokerException(decision.Code ?? BrokerErrorCode.PermissionDenied, decision.Message ?? "permission denied");
    }
}
