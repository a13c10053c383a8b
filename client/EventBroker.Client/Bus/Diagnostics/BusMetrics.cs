using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventBroker.Client.Bus;

/// <summary>The bus's instruments of the meter <c>EventBroker.Client</c>.</summary>
internal sealed class BusMetrics(Meter meter)
{
    private readonly Histogram<double> _duration = meter.CreateHistogram<double>(
        "eventbroker.client.handle.duration", "s", "How long the handling of a message took, by outcome.");

    private readonly Counter<long> _unsettled = meter.CreateCounter<long>(
        "eventbroker.client.handle.unsettled", "{message}", "Handled messages whose settlement failed, by result: they come again.");

    private readonly Counter<long> _deadLetters = meter.CreateCounter<long>(
        "eventbroker.client.dead_letters", "{message}", "Dead letters that were published, or failed to be; by event and error.");

    public void DeadLetter(string eventName, Exception? failure)
    {
        var tags = new TagList { { "messaging.destination.name", eventName } };
        if (failure is not null)
        {
            tags.Add("error.type", failure is EventBrokerException known ? known.Code.ToString() : failure.GetType().Name);
        }

        _deadLetters.Add(1, tags);
    }

    public void Handled(string eventName, TimeSpan duration, HandlingOutcome outcome)
    {
        if (_duration.Enabled)
        {
            _duration.Record(
                duration.TotalSeconds,
                new TagList { { "messaging.destination.name", eventName }, { "eventbroker.handle.outcome", Name(outcome) } });
        }
    }

    public void Unsettled(string eventName, SettleResult result) =>
        _unsettled.Add(
            1,
            new KeyValuePair<string, object?>("messaging.destination.name", eventName),
            new KeyValuePair<string, object?>("eventbroker.settle.result", Name(result)));

    private static string Name(HandlingOutcome outcome) => outcome switch
    {
        HandlingOutcome.Acked => "acked",
        HandlingOutcome.Nacked => "nacked",
        HandlingOutcome.TimedOut => "timed_out",
        HandlingOutcome.Canceled => "canceled",
        HandlingOutcome.LeaseLost => "lease_lost",
        HandlingOutcome.DeadLettered => "dead_lettered",
        HandlingOutcome.Dropped => "dropped",
        _ => "undecodable",
    };

    private static string Name(SettleResult result) => result switch
    {
        SettleResult.Expired => "expired",
        SettleResult.Unknown => "unknown",
        SettleResult.Denied => "denied",
        SettleResult.Invalid => "invalid",
        _ => "failed",
    };
}
