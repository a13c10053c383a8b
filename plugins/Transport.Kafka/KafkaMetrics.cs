using System.Diagnostics.Metrics;
using EventBroker.Transport.Kafka.Clients;

namespace EventBroker.Transport.Kafka;

/// <summary>What a Kafka transport counts.</summary>
internal sealed class KafkaMetrics(string transport, Meter meter)
{
    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);

    public ProducerStatistics Producer { get; } = new(transport, meter);

    public Count Published { get; } = new(meter, "published", "{message}", "Messages that Kafka has taken.");

    public Count Delivered { get; } = new(meter, "delivered", "{message}", "Messages that were handed to subscribers.");

    public Count Commits { get; } = new(meter, "commits", "{commit}", "Commits of offsets that Kafka has taken.");

    public Count Lost { get; } = new(meter, "lost", "{delivery}", "Deliveries that this host held and lost.");

    public Count Missed { get; } = new(meter, "missed", "{message}", "Messages that were gone before a subscription or group had read them.");

    public Count Unstored { get; } = new(
        meter, "unstored", "{message}", "Settled messages behind a gap that found no room beside the committed offset: they may come again.");

    public Count Rebalances { get; } = new(meter, "rebalances", "{rebalance}", "Times that partitions came to this host or went.");

    public Count Rebuilds { get; } = new(meter, "producer_rebuilds", "{producer}", "Producers that could not go on and were made anew.");

    public void Add(Count count, long number)
    {
        if (number > 0)
        {
            count.Add(number, _tag);
        }
    }

    public IEnumerable<Count> All => [Published, Delivered, Commits, Lost, Missed, Unstored, Rebalances, Rebuilds];

    internal sealed class Count(Meter meter, string name, string unit, string description)
    {
        private readonly Counter<long> _counter = meter.CreateCounter<long>("eventbroker.kafka." + name, unit, description);
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
