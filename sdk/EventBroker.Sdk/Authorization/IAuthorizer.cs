namespace EventBroker.Sdk.Authorization;

/// <summary>Decides what callers may do, and may find out who they are. Several are asked in the order of
/// <c>plugins.json</c>; all must allow, any denial ends the call.</summary>
/// <remarks>Safe for concurrent use. Asked on every call, also on the hot path: an answer that needs no waiting
/// completes at once and allocates nothing. A <see cref="Errors.BrokerException"/> denies with its own code
/// (<see cref="Errors.BrokerErrorCode.Unavailable"/> when a key server is out of reach), any other exception with INTERNAL.</remarks>
public interface IAuthorizer
{
    /// <summary>Finds out who the caller is, once per <see cref="Caller"/> (a unary call, a gRPC or SSE stream, a WebSocket), all
    /// authorizers in their order before any <see cref="AuthorizeAsync"/>: reads a token, a key or a certificate and sets
    /// <see cref="Caller.Principal"/>, where nobody has, and <see cref="Caller.ExpiresAt"/>, where that is earlier. Allows when there is nothing
    /// to object to, also to a caller without any credentials of its kind; denies wrong ones.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The decision; by default nothing is examined and all is allowed.</returns>
    ValueTask<AuthorizationDecision> AuthenticateAsync(Caller caller, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Allow);

    /// <summary>Decides on one operation. Since all must allow, an authorizer that only finds out who callers are allows whoever
    /// has a <see cref="Caller.Principal"/>, its own or another's, and answers
    /// <see cref="AuthorizationDecision.Unauthenticated"/> to the rest.</summary>
    /// <param name="request">Who wants to do what.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The decision.</returns>
    ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken);
}
