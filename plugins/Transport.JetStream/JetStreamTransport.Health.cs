using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream;

public sealed partial class JetStreamTransport
{
    /// <inheritdoc/>
    public async ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["connection"] = _state.Link.Connection.ConnectionState.ToString().ToLowerInvariant(),
            ["subscriptions"] = Number(_events.All.Sum(static e => e.SubscriptionCount)),
        };
        try
        {
            var roundTrip = await _state.Link.PingAsync(cancellationToken);
            var account = await _state.Api.CallAsync(static (js, token) => js.GetAccountInfoAsync(token), cancellationToken);
            var server = _state.Link.Connection.ServerInfo;
            details["latency"] = roundTrip.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
            details["server"] = server?.Name ?? "";
            details["version"] = server?.Version ?? "";
            details["streams"] = Number(account.Streams);
            details["consumers"] = Number(account.Consumers);
            details["storage_bytes"] = Number((long)account.Storage);
            details["memory_bytes"] = Number((long)account.Memory);
            return new TransportHealth { Status = TransportHealthStatus.Healthy, Details = details };
        }
        catch (BrokerException exception)
        {
            return new TransportHealth { Status = TransportHealthStatus.Unhealthy, Message = exception.Message, Details = details };
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
