using System.Diagnostics.Metrics;

namespace EventBroker.Transport.Memory;

/// <summary>What a memory transport counts.</summary>
internal sealed class MemoryMetrics(string transport, Meter meter)
{
    private readonly Counter<long> _missedCounter = meter.CreateCounter<long>(
        "eventbroker.memory.missed", "{message}", "Messages that retention removed before a subscription or worker group had read them.");

    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);
    private long _missed;

    public long Missed => Volatile.Read(ref _missed);

    public void AddMissed(long count)
    {
        Interlocked.Add(ref _missed, count);
        _missedCounter.Add(count, _tag);
    }
}
