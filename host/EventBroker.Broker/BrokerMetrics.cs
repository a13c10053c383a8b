using System.Diagnostics.Metrics;

namespace EventBroker.Broker;

/// <summary>What the core counts, under the meter <c>EventBroker.Broker</c>; shown in health details as well.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    private readonly Meter _meter = new("EventBroker.Broker");
    private readonly List<Count> _counts = [];

    public BrokerMetrics()
    {
        Denials = Make("denials", "{call}", "What callers wanted to do and were not allowed to.");
        LeasesLost = Make("leases_lost", "{delivery}", "Deliveries that a backend took away from their subscriber.");
        StreamsCut = Make("streams_cut", "{stream}", "Streams that were cut because their connection took no more.");
        MembersSilenced = Make("members_silenced", "{member}", "Workers that let several deadlines pass without a word.");
        RedeliveriesRefused = Make("redeliveries_refused", "{delivery}", "Nacks refused because too much waits for its redelivery.");
        Undeliverable = Make("undeliverable", "{message}", "Messages passed over because they are larger than a delivery may be.");
        SettlementsFailed = Make("settlements_failed", "{delivery}", "Settlements that a transport did not take; each is tried again.");
    }

    public Count Denials { get; }

    public Count LeasesLost { get; }

    public Count StreamsCut { get; }

    public Count MembersSilenced { get; }

    public Count RedeliveriesRefused { get; }

    public Count Undeliverable { get; }

    public Count SettlementsFailed { get; }

    public IReadOnlyList<Count> All => _counts;

    public void Dispose() => _meter.Dispose();

    private Count Make(string name, string unit, string description)
    {
        var count = new Count(name, _meter.CreateCounter<long>("eventbroker." + name, unit, description));
        _counts.Add(count);
        return count;
    }

    /// <summary>A counter that knows its own total.</summary>
    internal sealed class Count(string name, Counter<long> counter)
    {
        private long _total;

        public string Name => name;

        public long Total => Volatile.Read(ref _total);

        public void Add(long count)
        {
            Interlocked.Add(ref _total, count);
            counter.Add(count);
        }
    }
}
