using EventBroker.Sdk.Authorization;

namespace EventBroker.Broker.Tests;

internal sealed class FixedAuthorizer(Func<AuthorizationRequest, AuthorizationDecision> decide, bool atOnce = false) : IAuthorizer
{
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        // Mostly off the synchronous path, which allow-all covers elsewhere.
        if (!atOnce)
        {
            await Task.Yield();
        }

        return decide(request);
    }
}
