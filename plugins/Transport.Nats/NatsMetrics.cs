using System.Diagnostics.Metrics;

namespace EventBroker.Transport.Nats;

/// <summary>What a transport over NATS counts.</summary>
internal sealed class NatsMetrics(string transport, Meter meter)
{
    private readonly Counter<long> _missedCounter = meter.CreateCounter<long>(
        "eventbroker.nats.missed", "{message}", "Messages that went because subscribers were too slow to read them.");

    private readonly Counter<long> _lostCounter = meter.CreateCounter<long>(
        "eventbroker.nats.lost", "{message}", "Messages that were given back while no other member of their worker group was there.");

    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);
    private long _missed;
    private long _lost;

    public long MissedCount => Interlocked.Read(ref _missed);

    public long LostCount => Interlocked.Read(ref _lost);

    public void Missed(long count)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _missed, count);
            _missedCounter.Add(count, _tag);
        }
    }

    public void Lost()
    {
        Interlocked.Increment(ref _lost);
        _lostCounter.Add(1, _tag);
    }
}
