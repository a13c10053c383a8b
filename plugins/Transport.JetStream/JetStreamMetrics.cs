using System.Diagnostics.Metrics;

namespace EventBroker.Transport.JetStream;

/// <summary>What a transport over JetStream counts.</summary>
internal sealed class JetStreamMetrics(string transport, Meter meter)
{
    private readonly Counter<long> _missed = meter.CreateCounter<long>(
        "eventbroker.jetstream.missed", "{message}", "Messages that retention removed before a subscription or worker group had read them.");

    private readonly Counter<long> _returned = meter.CreateCounter<long>(
        "eventbroker.jetstream.returned", "{message}", "Messages that were fetched, read by nobody and given back to the servers.");

    private readonly KeyValuePair<string, object?> _tag = new("transport", transport);

    public void Missed(long count)
    {
        if (count > 0)
        {
            _missed.Add(count, _tag);
        }
    }

    public void Returned(int count)
    {
        if (count > 0)
        {
            _returned.Add(count, _tag);
        }
    }
}
