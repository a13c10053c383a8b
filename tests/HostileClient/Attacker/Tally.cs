using System.Collections.Concurrent;

namespace HostileClient.Attacker;

/// <summary>How the broker took an attack: outcomes and their numbers.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);

    public void Add(string outcome) => _outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);

    public override string ToString() => string.Join(", ", _outcomes.OrderByDescending(static o => o.Value).Take(12).Select(static o => $"{o.Key} ×{o.Value}"));
}
