using EventBroker.Sdk.Authorization;

namespace EventBroker.Broker.Tests;

internal sealed class FixedAuthorizer(Func<AuthorizationRequest, AuthorizationDecision> decide) : IAuthorizer
{
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        // Off the synchronous path, which allow-all covers elsewhere.
        await Task.Yield();
        return decide(request);
    }
}
