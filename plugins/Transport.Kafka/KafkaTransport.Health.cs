using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka;

public sealed partial class KafkaTransport
{
    /// <inheritdoc/>
    public async ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["address"] = _state.Settings.BootstrapServers,
            ["subscriptions"] = Number(_events.All.Sum(static e => e.SubscriptionCount)),
        };
        foreach (var count in _state.Metrics.All)
        {
            details[count.Name] = Number(count.Total);
        }

        var places = _events.All.SelectMany(static e => e.Places).Select(static p => p.Place).OfType<Places.Place>().ToList();
        details["unsettled"] = Number(places.Sum(static p => p.CountUnsettled()));
        var full = places.Sum(static p => p.CountFull());
        details["paused_partitions"] = Number(full);
        try
        {
            ThrowIfClosed();
            var begin = _state.Time.GetTimestamp();
            var cluster = await _state.Cluster.DescribeAsync().WaitAsync(cancellationToken);
            details["latency"] = _state.Time.GetElapsedTime(begin).TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
            details["cluster"] = cluster.ClusterId ?? "";
            details["brokers"] = Number(cluster.Nodes.Count);
            details["controller"] = cluster.Controller is { } controller ? $"{controller.Host}:{controller.Port}" : "none";
            return new TransportHealth
            {
                Status = full > 0 ? TransportHealthStatus.Degraded : TransportHealthStatus.Healthy,
                Message = full > 0 ? $"{full} partitions are paused, each because of a message that is not settled; the log names them" : "",
                Details = details,
            };
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException)
        {
            return new TransportHealth
            {
                Status = TransportHealthStatus.Unhealthy,
                Message = exception is BrokerException ? exception.Message : "Kafka does not answer in time",
                Details = details,
            };
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
