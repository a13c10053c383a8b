using EventBroker.Sdk.Authorization;

namespace EventBroker.Client.Tests.Hosting;

// Allows everything, but what a test denies; a test may also make it wait.
internal sealed class OpenAuthorizer : IAuthorizer
{
    public Func<AuthorizationRequest, AuthorizationDecision>? Decide { get; set; }

    public Func<AuthorizationRequest, Task>? Before { get; set; }

    public async ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (Before is { } before)
        {
            await before(request);
        }

        return Decide?.Invoke(request) ?? AuthorizationDecision.Allow;
    }
}
