using EventBroker.Sdk.Authorization;

namespace EventBroker.FunctionalTests.Hosting;

// Allows everything, but what a test denies.
internal sealed class OpenAuthorizer : IAuthorizer
{
    public Func<AuthorizationRequest, AuthorizationDecision>? Decide { get; set; }

    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(Decide?.Invoke(request) ?? AuthorizationDecision.Allow);
}
