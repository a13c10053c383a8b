using Benchmarks.Clients;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Publishes to the broker as fast as its gRPC subscribers take the deliveries; the bare server is asked for
/// as many messages instead.</summary>
internal sealed class GrpcDeliveries : ILoad
{
    // Far enough ahead that everyone is busy, near enough that retention removes nothing.
    private const int Window = 8_192;

    private readonly ServerProcess _server;
    private readonly string _eventName;
    private readonly int _subscribers;
    private readonly GrpcConnection _connection;
    private readonly List<CountingSubscriber> _open = [];
    private StreamPublisher? _publisher;
    private long _published;

    private GrpcDeliveries(ServerProcess server, string eventName, int subscribers)
    {
        _server = server;
        _eventName = eventName;
        _subscribers = subscribers;
        _connection = new GrpcConnection(server.Addresses.Grpc);
    }

    public long Step => _subscribers;

    public static async Task<ILoad> OpenAsync(ServerProcess server, string eventName, int subscribers, CancellationToken cancellation)
    {
        var load = new GrpcDeliveries(server, eventName, subscribers);
        if (!server.IsBare)
        {
            await load.SubscribeAsync(new SubscribeRequest { Event = eventName, AutoAck = true }, cancellation);
            load._publisher = new StreamPublisher(load._connection, eventName);
        }

        return load;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var each = messages / _subscribers;
        if (_publisher is null)
        {
            await SubscribeAsync(new SubscribeRequest { Event = _eventName, BufferSize = checked((int)each) }, cancellation);
            await Task.WhenAll(_open.Select(subscriber => subscriber.Received.WaitForAsync(each, cancellation)));
            await UnsubscribeAsync();
            return;
        }

        _published += each;
        await _publisher.PublishAsync(each, Window, Slowest, cancellation);
        await Task.WhenAll(_open.Select(subscriber => subscriber.Received.WaitForAsync(_published, cancellation)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null)
            await _publisher.DisposeAsync();

        await UnsubscribeAsync();
        _connection.Dispose();
    }

    private long Slowest()
    {
        var slowest = long.MaxValue;
        foreach (var subscriber in _open)
            slowest = Math.Min(slowest, subscriber.Received.Count);

        return slowest;
    }

    private async Task SubscribeAsync(SubscribeRequest request, CancellationToken cancellation)
    {
        for (var i = 0; i < _subscribers; i++)
            _open.Add(await CountingSubscriber.OpenAsync(_connection, request, cancellation));
    }

    private async Task UnsubscribeAsync()
    {
        foreach (var subscriber in _open)
            await subscriber.DisposeAsync();

        _open.Clear();
    }
}
