using EventBroker.Client.Connections;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.Client.Subscribing;

/// <summary>Tells EventBroker from other servers of <c>event.v1</c>.</summary>
internal static class ServerProbe
{
    public static bool IsEventBroker(Metadata headers) => headers.GetValue("eventbroker-contract") is not null;

    /// <summary>Asks a server for its health, which both know, to see by the answer what it is.</summary>
    /// <exception cref="EventBrokerException">There was none.</exception>
    public static async ValueTask<bool> IsEventBrokerAsync(BrokerConnection connection, CallHeaders headers, CancellationToken cancellationToken)
    {
        var metadata = await headers.CreateAsync(source: null, cancellationToken).ConfigureAwait(false);
        try
        {
            using var call = connection.Events.HealthAsync(new HealthRequest(), new CallOptions(metadata, cancellationToken: cancellationToken));
            await call.ConfigureAwait(false);
            connection.Monitor.Answered();
            return IsEventBroker(await call.ResponseHeadersAsync.ConfigureAwait(false));
        }
        catch (RpcException exception)
        {
            throw connection.Failed(exception, cancellationToken);
        }
    }
}
