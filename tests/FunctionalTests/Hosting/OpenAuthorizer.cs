using EventBroker.Sdk.Authorization;

namespace EventBroker.FunctionalTests.Hosting;

// Allows everything, but what a test denies.
internal sealed class OpenAuthorizer : IAuthorizer
{
    public Func<Caller, AuthorizationDecision>? Examine { get; set; }

    public Func<AuthorizationRequest, AuthorizationDecision>? Decide { get; set; }

    public ValueTask<AuthorizationDecision> AuthenticateAsync(Caller caller, CancellationToken cancellationToken) =>
        new(Examine?.Invoke(caller) ?? AuthorizationDecision.Allow);

    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(Decide?.Invoke(request) ?? AuthorizationDecision.Allow);
}
