using System.Diagnostics.Metrics;

namespace EventBroker.Transport.Local;

/// <summary>What a transport in the broker's own process counts.</summary>
/// <param name="transport">The transport's name, a tag of each counter.</param>
/// <param name="plugin">The plugin's id, a part of each counter's name.</param>
/// <param name="meter">The plugin's meter.</param>
internal sealed class LocalMetrics(string transport, string plugin, Meter meter)
{
    private readonly Counter<long> _missedCounter = meter.CreateCounter<long>(
        $"eventbroker.{plugin}.missed", "{message}", "Messages that retention removed before a subscription or worker group had read them.");

    private readonly Counter<long> _expiredGroupsCounter = meter.CreateCounter<long>(
        $"eventbroker.{plugin}.expired_groups", "{group}", "Worker groups that were forgotten because they had no member for too long.");

    private readonly Counter<long> _forgottenConsumersCounter = meter.CreateCounter<long>(
        $"eventbroker.{plugin}.forgotten_consumers", "{consumer}", "Consumer ids that were forgotten because there were too many without a subscription.");

    private readonly Counter<long> _refusedRedeliveriesCounter = meter.CreateCounter<long>(
        $"eventbroker.{plugin}.refused_redeliveries", "{message}", "Delayed redeliveries that were refused because too much waits already.");

    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);
    private long _missed;
    private long _expiredGroups;
    private long _forgottenConsumers;
    private long _refusedRedeliveries;

    public long Missed => Volatile.Read(ref _missed);

    public long ExpiredGroups => Volatile.Read(ref _expiredGroups);

    public long ForgottenConsumers => Volatile.Read(ref _forgottenConsumers);

    public long RefusedRedeliveries => Volatile.Read(ref _refusedRedeliveries);

    public void AddMissed(long count) => Add(_missedCounter, ref _missed, count);

    public void AddExpiredGroups(long count) => Add(_expiredGroupsCounter, ref _expiredGroups, count);

    public void AddForgottenConsumers(long count) => Add(_forgottenConsumersCounter, ref _forgottenConsumers, count);

    public void AddRefusedRedeliveries(long count) => Add(_refusedRedeliveriesCounter, ref _refusedRedeliveries, count);

    private void Add(Counter<long> counter, ref long total, long count)
    {
        Interlocked.Add(ref total, count);
        counter.Add(count, _tag);
    }
}
