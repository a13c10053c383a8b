namespace HostileClient.Good;

/// <summary>What has gone wrong, each kind once, with how often.</summary>
internal sealed class Faults
{
    private const int MostKinds = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);

    public void Add(string fault)
    {
        lock (_lock)
        {
            if (_seen.Count < MostKinds || _seen.ContainsKey(fault))
                _seen[fault] = _seen.GetValueOrDefault(fault) + 1;
        }
    }

    public IReadOnlyList<string> ToList()
    {
        lock (_lock)
            return [.. _seen.Select(static entry => entry.Value == 1 ? entry.Key : $"{entry.Key} ({entry.Value} times)")];
    }
}
