using Benchmarks.Clients;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Subscriptions to which nothing is published.</summary>
internal sealed class IdleSubscriptions(ServerProcess server, string eventName, SubscriptionKind kind) : IAsyncDisposable
{
    // What a Kestrel connection takes by default.
    private const int StreamsPerConnection = 100;

    private readonly ReceivedCounter _received = new();
    private readonly List<IAsyncDisposable> _subscriptions = [];
    private readonly List<GrpcConnection> _connections = [];

    public async Task OpenAsync(int count, CancellationToken cancellation)
    {
        for (var i = 0; i < count; i++)
        {
            if (kind != SubscriptionKind.Grpc)
            {
                _subscriptions.Add(await SocketSubscriber.OpenAsync(
                    server.Addresses.Http, eventName, kind == SubscriptionKind.WebSocket, _received, cancellation));
                continue;
            }

            if (i % StreamsPerConnection == 0)
                _connections.Add(new GrpcConnection(server.Addresses.Grpc));

            _subscriptions.Add(await CountingSubscriber.OpenAsync(_connections[^1], new SubscribeRequest { Event = eventName }, cancellation));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscription in _subscriptions)
            await subscription.DisposeAsync();

        foreach (var connection in _connections)
            connection.Dispose();
    }
}
