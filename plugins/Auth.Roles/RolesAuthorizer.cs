using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;

namespace EventBroker.Auth.Roles;

// Answers without waiting; an allowed call allocates nothing.
internal sealed class RolesAuthorizer : IAuthorizer
{
    private readonly string _header;
    private readonly Grant[] _grants;
    private readonly ProxyTrust _trust;

    public RolesAuthorizer(RolesSettings settings)
    {
        _header = settings.Header;
        _trust = new ProxyTrust(settings);
        _grants = [.. settings.Rules.Select(static r => new Grant(r.Role, Operations(r), [.. r.Events]))];
    }

    // Once for each caller, before anything is decided.
    public ValueTask<AuthorizationDecision> AuthenticateAsync(Caller caller, CancellationToken cancellationToken) =>
        new(_trust.FindObjection(caller) is { } objection ? AuthorizationDecision.Unauthenticated(objection) : AuthorizationDecision.Allow);

    public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        var header = request.Caller.GetHeader(_header).AsSpan().Trim();
        if (header.IsEmpty)
        {
            return new(AuthorizationDecision.Unauthenticated($"no header {_header}"));
        }

        foreach (var part in header.Split(','))
        {
            if (IsAllowed(header[part].Trim(), request))
            {
                return new(AuthorizationDecision.Allow);
            }
        }

        return new(AuthorizationDecision.Deny($"no rule lets its roles {request.Operation} '{request.EventName}'"));
    }

    // Bits by operation. Settling goes with subscribing.
    private static int Operations(RoleRule rule)
    {
        var bits = 0;
        foreach (var text in rule.Operations)
        {
            if (text == RoleRule.All)
            {
                return ~0;
            }

            if (RoleRule.TryParse(text, out var operation))
            {
                bits |= Bit(operation);
            }
        }

        if ((bits & Bit(BrokerOperation.Subscribe)) != 0)
        {
            bits |= Bit(BrokerOperation.Settle);
        }

        return bits;
    }

    private static int Bit(BrokerOperation operation) => 1 << (int)operation;

    private bool IsAllowed(ReadOnlySpan<char> role, AuthorizationRequest request)
    {
        if (role.IsEmpty)
        {
            return false;
        }

        foreach (var grant in _grants)
        {
            if ((grant.Operations & Bit(request.Operation)) != 0
                && (grant.Role == "*" || role.SequenceEqual(grant.Role))
                && (request.Operation is BrokerOperation.List or BrokerOperation.Admin || MatchesAny(grant.Events, request.EventName)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchesAny(string[] patterns, string name)
    {
        foreach (var pattern in patterns)
        {
            if (EventPattern.Matches(pattern, name))
            {
                return true;
            }
        }

        return false;
    }

    private readonly struct Grant(string role, int operations, string[] events)
    {
        public string Role { get; } = role;

        public int Operations { get; } = operations;

        public string[] Events { get; } = events;
    }
}
