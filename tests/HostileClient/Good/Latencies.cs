namespace HostileClient.Good;

/// <summary>How long messages took, in milliseconds: those since the last look, and those of the phase.</summary>
internal sealed class Latencies
{
    private readonly Lock _lock = new();
    private readonly List<double> _recent = [];
    private readonly List<double> _phase = [];

    public void Add(TimeSpan latency)
    {
        lock (_lock)
        {
            _recent.Add(latency.TotalMilliseconds);
            _phase.Add(latency.TotalMilliseconds);
        }
    }

    /// <summary>Returns those since the last look, and forgets them.</summary>
    public LatencyFigures TakeRecent() => Take(_recent);

    /// <summary>Returns those of the phase, and begins the next one.</summary>
    public LatencyFigures TakePhase() => Take(_phase);

    private LatencyFigures Take(List<double> latencies)
    {
        lock (_lock)
        {
            var figures = LatencyFigures.Of(latencies);
            latencies.Clear();
            return figures;
        }
    }
}
