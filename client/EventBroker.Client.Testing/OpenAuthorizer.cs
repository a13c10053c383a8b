using EventBroker.Sdk.Authorization;

namespace EventBroker.Client.Testing;

/// <summary>Lets everybody do everything.</summary>
internal sealed class OpenAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Allow);
}
