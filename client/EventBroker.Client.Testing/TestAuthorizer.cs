using EventBroker.Sdk.Authorization;

namespace EventBroker.Client.Testing;

/// <summary>Lets everybody do what the test allows.</summary>
internal sealed class TestAuthorizer(Func<AuthorizationRequest, AuthorizationDecision>? decide) : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(decide?.Invoke(request) ?? AuthorizationDecision.Allow);
}
