using System.Diagnostics.Metrics;

namespace EventBroker.Transport.Redis;

/// <summary>What a Redis transport counts.</summary>
internal sealed class RedisMetrics(string transport, Meter meter)
{
    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);
    private readonly UpDownCounter<long> _pendingCounter = meter.CreateUpDownCounter<long>(
        "eventbroker.redis.pending", "{message}", "Messages that are delivered or wait for their redelivery, in the places of this host.");

    private long _pending;

    public Count Published { get; } = new(meter, "published", "{message}", "Messages that Redis has taken.");

    public Count Duplicates { get; } = new(meter, "duplicates", "{message}", "Messages that were dropped because their id was there already.");

    public Count Delivered { get; } = new(meter, "delivered", "{message}", "Messages that were handed to subscribers.");

    public Count Claimed { get; } = new(meter, "claimed", "{message}", "Messages that were taken from a host that did not renew them.");

    public Count Lost { get; } = new(meter, "lost", "{delivery}", "Deliveries that this host held and lost.");

    public Count Missed { get; } = new(meter, "missed", "{message}", "Messages that were gone before a subscription or group had read them.");

    public Count Reconnects { get; } = new(meter, "reconnects", "{connection}", "Connections to Redis that were made again.");

    /// <summary>Gets how many messages are unsettled in the places that have members here, as Redis said when it was last asked.</summary>
    public long Pending => Volatile.Read(ref _pending);

    public void AddPending(long change)
    {
        if (change != 0)
        {
            Interlocked.Add(ref _pending, change);
            _pendingCounter.Add(change, _tag);
        }
    }

    public void Add(Count count, long number)
    {
        if (number > 0)
        {
            count.Add(number, _tag);
        }
    }

    internal sealed class Count(Meter meter, string name, string unit, string description)
    {
        private readonly Counter<long> _counter = meter.CreateCounter<long>("eventbroker.redis." + name, unit, description);
        private long _total;

        public string Name => name;

        public long Total => Volatile.Read(ref _total);

        public void Add(long number, KeyValuePair<string, object?> tag)
        {
            Interlocked.Add(ref _total, number);
            _counter.Add(number, tag);
        }
    }
}
