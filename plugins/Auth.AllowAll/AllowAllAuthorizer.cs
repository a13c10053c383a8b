using EventBroker.Sdk.Authorization;

namespace EventBroker.Auth.AllowAll;

internal sealed class AllowAllAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Allow);
}
