using System.Diagnostics.Metrics;
using EventBroker.Client.Diagnostics;

namespace EventBroker.Client.Bus;

/// <summary>The bus's instruments of the client's meter.</summary>
internal sealed class BusMetrics(ClientMetrics client)
{
    private readonly Histogram<double> _duration = client.Meter.CreateHistogram<double>(
        "eventbroker.client.handle.duration", "s", "How long the handling of a message took, by outcome.");

    private readonly Counter<long> _unsettled = client.Meter.CreateCounter<long>(
        "eventbroker.client.handle.unsettled", "{message}", "Handled messages whose settlement failed, by result: they come again.");

    private readonly Counter<long> _deadLetters = client.Meter.CreateCounter<long>(
        "eventbroker.client.dead_letters", "{message}", "Dead letters that were published, or failed to be; by event and error.");

    public void DeadLetter(string eventName, Exception? failure)
    {
        var tags = client.Tags(eventName);
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
            var tags = client.Tags(eventName);
            tags.Add("eventbroker.handle.outcome", Name(outcome));
            _duration.Record(duration.TotalSeconds, tags);
        }
    }

    public void Unsettled(string eventName, SettleResult result)
    {
        var tags = client.Tags(eventName);
        tags.Add("eventbroker.settle.result", SettleResultNames.Of(result));
        _unsettled.Add(1, tags);
    }

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
}
