using EventBroker.Sdk.Authorization;

namespace EventBroker.Samples.Embedded;

/// <summary>Users may watch and settle what happens in the shop; only the shop itself publishes and decides which events there are.</summary>
internal sealed class ShopAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        // The application's own authentication has set the principal before the broker is asked.
        if (request.Caller.Principal?.Identity is not { IsAuthenticated: true } identity)
        {
            return new(AuthorizationDecision.Unauthenticated("no key", "send your key in the header X-Key"));
        }

        var allowed = identity.AuthenticationType == Orders.Shop
            || request.Operation is BrokerOperation.Subscribe or BrokerOperation.Settle or BrokerOperation.List;
        return new(allowed
            ? AuthorizationDecision.Allow
            : AuthorizationDecision.Deny($"user {identity.Name} is not the shop", "only the shop may do that"));
    }
}
