using EventBroker.Sdk.Authorization;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>Allows everything without waiting, so that nothing in a step goes on elsewhere.</summary>
internal sealed class ImmediateAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        new(AuthorizationDecision.Allow);
}
