using EventBroker.Sdk.Authorization;

namespace EventBroker.Auth.DenyAll;

internal sealed class DenyAllAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Deny("the deny-all authorizer denies every call"));
}
