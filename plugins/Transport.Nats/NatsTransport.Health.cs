using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Nats;

public sealed partial class NatsTransport
{
    /// <inheritdoc/>
    public async ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["connection"] = _state.Link.Connection.ConnectionState.ToString().ToLowerInvariant(),
            ["subscriptions"] = Number(_channels.Values.Sum(static c => c.SubscriptionCount)),
            ["missed"] = Number(_state.Metrics.MissedCount),
            ["lost"] = Number(_state.Metrics.LostCount),
        };
        try
        {
            var roundTrip = await _state.Link.PingAsync(cancellationToken);
            details["latency"] = roundTrip.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
            details["server"] = _state.Link.Connection.ServerInfo?.Name ?? "";
            details["version"] = _state.Link.Connection.ServerInfo?.Version ?? "";
            return new TransportHealth { Status = TransportHealthStatus.Healthy, Details = details };
        }
        catch (BrokerException exception)
        {
            return new TransportHealth { Status = TransportHealthStatus.Unhealthy, Message = exception.Message, Details = details };
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
