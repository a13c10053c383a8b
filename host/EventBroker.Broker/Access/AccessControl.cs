using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Access;

/// <summary>Asks the authorizers: each in turn, any denial ends the call, and without authorizers everything is denied.</summary>
internal sealed class AccessControl
{
    private readonly IAuthorizer[] _authorizers;
    private readonly ILogger _logger;

    public AccessControl(IReadOnlyList<IAuthorizer> authorizers, ILogger logger)
    {
        _authorizers = [.. authorizers];
        _logger = logger;
    }

    /// <summary>Lets every authorizer look at the caller's credentials, once per caller.</summary>
    /// <exception cref="BrokerException">There is no authorizer, or one objects.</exception>
    public ValueTask ExamineAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (_authorizers.Length == 0)
        {
            throw new BrokerException(BrokerErrorCode.PermissionDenied, "no authorizer configured");
        }

        return caller.IsExamined ? default : ExamineNewAsync(caller, cancellationToken);
    }

    /// <summary>Ends when the operation is allowed; without waiting where no authorizer waits.</summary>
    /// <exception cref="BrokerException">It is not.</exception>
    public ValueTask AuthorizeAsync(
        Caller caller, BrokerOperation operation, string eventName, string workerGroup, CancellationToken cancellationToken)
    {
        var request = new AuthorizationRequest
        {
            Caller = caller,
            Operation = operation,
            EventName = eventName,
            WorkerGroup = workerGroup,
        };
        var examined = ExamineAsync(caller, cancellationToken);
        if (!examined.IsCompletedSuccessfully)
        {
            return ExamineThenDecideAsync(examined, request, cancellationToken);
        }

        return DecideAsync(request, cancellationToken);
    }

    private async ValueTask ExamineThenDecideAsync(
        ValueTask examined, AuthorizationRequest request, CancellationToken cancellationToken)
    {
        await examined;
        await DecideAsync(request, cancellationToken);
    }

    private ValueTask ExamineNewAsync(Caller caller, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _authorizers.Length; i++)
        {
            var answer = _authorizers[i].AuthenticateAsync(caller, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return ExamineRestAsync(i, answer, caller, cancellationToken);
            }

            ThrowIfDenied(answer.Result, caller, "authenticate", "");
        }

        caller.IsExamined = true;
        return default;
    }

    private async ValueTask ExamineRestAsync(
        int index, ValueTask<AuthorizationDecision> pending, Caller caller, CancellationToken cancellationToken)
    {
        ThrowIfDenied(await pending, caller, "authenticate", "");
        for (var i = index + 1; i < _authorizers.Length; i++)
        {
            ThrowIfDenied(await _authorizers[i].AuthenticateAsync(caller, cancellationToken), caller, "authenticate", "");
        }

        caller.IsExamined = true;
    }

    private ValueTask DecideAsync(in AuthorizationRequest request, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _authorizers.Length; i++)
        {
            var answer = _authorizers[i].AuthorizeAsync(request, cancellationToken);
            if (!answer.IsCompletedSuccessfully)
            {
                return DecideRestAsync(i, answer, request, cancellationToken);
            }

            ThrowIfDenied(answer.Result, request);
        }

        return default;
    }

    private async ValueTask DecideRestAsync(
        int index, ValueTask<AuthorizationDecision> pending, AuthorizationRequest request, CancellationToken cancellationToken)
    {
        ThrowIfDenied(await pending, request);
        for (var i = index + 1; i < _authorizers.Length; i++)
        {
            ThrowIfDenied(await _authorizers[i].AuthorizeAsync(request, cancellationToken), request);
        }
    }

    private void ThrowIfDenied(AuthorizationDecision decision, in AuthorizationRequest request)
    {
        if (!decision.IsAllowed)
        {
            ThrowIfDenied(decision, request.Caller, request.Operation.ToString(), request.EventName);
        }
    }

    private void ThrowIfDenied(AuthorizationDecision decision, Caller caller, string operation, string eventName)
    {
        if (decision.IsAllowed)
        {
            return;
        }

        BrokerLog.Denied(_logger, operation, eventName, caller.Protocol, caller.RemoteAddress, decision.Reason ?? "no decision");
        throw new BrokerException(
            decision.Code ?? BrokerErrorCode.PermissionDenied, decision.Message ?? "permission denied");
    }
}
