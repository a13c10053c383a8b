using System.Diagnostics.Metrics;
using System.Text.Json;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>What of librdkafka's statistics an operator needs: whether messages pile up before Kafka, how long it takes, what was tried again.</summary>
internal sealed class ProducerStatistics
{
    private long _waiting;
    private long _roundTrip;
    private long _retries;
    private long _timeouts;

    public ProducerStatistics(string transport, Meter meter)
    {
        var tag = new KeyValuePair<string, object?>("transport", transport);
        meter.CreateObservableGauge(
            "eventbroker.kafka.producer_waiting", () => new Measurement<long>(Volatile.Read(ref _waiting), tag), "{message}", "Messages that wait for Kafka's answer.");
        meter.CreateObservableGauge(
            "eventbroker.kafka.round_trip", () => new Measurement<long>(Volatile.Read(ref _roundTrip), tag), "us", "The slowest broker's round trip, 99th percentile.");
        meter.CreateObservableCounter(
            "eventbroker.kafka.producer_retries", () => new Measurement<long>(Volatile.Read(ref _retries), tag), "{request}", "Requests that were sent again.");
        meter.CreateObservableCounter(
            "eventbroker.kafka.producer_timeouts", () => new Measurement<long>(Volatile.Read(ref _timeouts), tag), "{request}", "Requests that were not answered in time.");
    }

    public static TimeSpan Interval => TimeSpan.FromSeconds(15);

    /// <summary>Takes over what librdkafka tells. What it does not tell stays as it was.</summary>
    public void Note(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        Volatile.Write(ref _waiting, Get(root, "msg_cnt"));
        var (roundTrip, retries, timeouts) = (0L, 0L, 0L);
        if (root.TryGetProperty("brokers", out var brokers))
        {
            foreach (var broker in brokers.EnumerateObject())
            {
                retries += Get(broker.Value, "txretries");
                timeouts += Get(broker.Value, "req_timeouts");
                roundTrip = Math.Max(roundTrip, broker.Value.TryGetProperty("rtt", out var rtt) ? Get(rtt, "p99") : 0);
            }
        }

        Volatile.Write(ref _roundTrip, roundTrip);
        Volatile.Write(ref _retries, retries);
        Volatile.Write(ref _timeouts, timeouts);
    }

    private static long Get(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
