using EventBroker.Sdk.Authorization;

namespace EventBroker.FunctionalTests.Hosting;

// Allows everything, but what a test denies.
internal sealed class OpenAuthorizer : IAuthorizer
{
    public Func<Caller, AuthorizationDecision>? Examine { get; set; }

    public Func<AuthorizationRequest, AuthorizationDecision>? Decide { get; set; }

    // As one does that asks somebody else who the caller is.
    public bool AnswersLater { get; set; }

    public async ValueTask<AuthorizationDecision> AuthenticateAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (AnswersLater)
        {
            await Task.Yield();
        }

        return Examine?.Invoke(caller) ?? AuthorizationDecision.Allow;
    }

    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(Decide?.Invoke(request) ?? AuthorizationDecision.Allow);
}
