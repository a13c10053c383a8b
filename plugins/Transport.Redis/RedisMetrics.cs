using System.Diagnostics.Metrics;

namespace EventBroker.Transport.Redis;

/// <summary>What a Redis transport counts.</summary>
internal sealed class RedisMetrics(string transport, Meter meter)
{
    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);

    public Count Published { get; } = new(meter, "published", "{message}", "Messages that Redis has taken.");

    public Count Duplicates { get; } = new(meter, "duplicates", "{message}", "Messages that were dropped because their id was there already.");

    public Count Delivered { get; } = new(meter, "delivered", "{message}", "Messages that were handed to subscribers.");

    public Count Claimed { get; } = new(meter, "claimed", "{message}", "Messages that were taken from a host that did not renew them.");

    public Count Lost { get; } = new(meter, "lost", "{delivery}", "Deliveries that this host held and lost.");

    public Count Missed { get; } = new(meter, "missed", "{message}", "Messages that were gone before a subscription or group had read them.");

    public Count Reconnects { get; } = new(meter, "reconnects", "{connection}", "Connections to Redis that were made again.");

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
