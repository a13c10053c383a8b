namespace EventBroker.Sdk.Authorization;

/// <summary>Decides what callers may do, and may find out who they are. Several are asked in the order of
/// <c>plugins.json</c>; all must allow, any denial ends the call.</summary>
/// <remarks>Safe for concurrent use. Asked on every call, also on the hot path: an answer that needs no waiting
/// completes at once and allocates nothing. An exception counts as a denial with status INTERNAL.</remarks>
public interface IAuthorizer
{
    /// <summary>Finds out who the caller is, once per call or connection and before any
    /// <see cref="AuthorizeAsync"/>: reads a token, a key or a certificate and sets <see cref="Caller.Principal"/>
    /// and <see cref="Caller.ExpiresAt"/>. Allows when there is nothing to object to, also to a caller without any
    /// credentials of its kind; denies wrong ones.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The decision; by default nothing is examined and all is allowed.</returns>
    ValueTask<AuthorizationDecision> AuthenticateAsync(Caller caller, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Allow);

    /// <summary>Decides on one operation.</summary>
    /// <param name="request">Who wants to do what.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The decision.</returns>
    ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken);
}
