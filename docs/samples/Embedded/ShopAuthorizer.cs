using System.Security.Claims;
using EventBroker.Sdk.Authorization;

namespace EventBroker.Samples.Embedded;

/// <summary>The role decides: clerks watch and settle what happens in the shop; only the shop itself publishes and decides which events
/// there are.</summary>
internal sealed class ShopAuthorizer : IAuthorizer
{
    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        // The application's own authentication has set the principal before the broker is asked.
        if (request.Caller.Principal is not { Identity.IsAuthenticated: true } user)
        {
            return new(AuthorizationDecision.Unauthenticated("no key", "send your key in the header X-Key"));
        }

        var role = user.FindFirstValue(ClaimTypes.Role) ?? "";
        return new(ShopRoles.May(role, request.Operation)
            ? AuthorizationDecision.Allow
            : AuthorizationDecision.Deny(
                $"{user.Identity.Name} has the role '{role}', which may not {request.Operation}", "your role may not do that"));
    }
}
