namespace EventBroker.FunctionalTests.Crash;

// Where a client goes, life after life: to the same host, or each time to the next one.
internal sealed class Route(IReadOnlyList<CrashHost> hosts, int first, bool moves)
{
    private readonly int[] _lives = new int[hosts.Count];
    private int _next = first;

    // Ends when the host lives; null if it does so no more.
    public async Task<Stay?> NextAsync()
    {
        var at = _next % hosts.Count;
        if (await hosts[at].Lives.AfterAsync(_lives[at]) is not { } life)
        {
            return null;
        }

        _lives[at] = life;
        _next += moves ? 1 : 0;
        return new Stay(hosts[at], life);
    }
}
