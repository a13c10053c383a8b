using Benchmarks.Clients;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Publish, deliver, ack in batches of 100, all at the same time and for every message.</summary>
internal sealed class SettledDeliveries : ILoad
{
    private const int Window = 4_096;

    private readonly ServerProcess _server;
    private readonly string _eventName;
    private readonly GrpcConnection _connection;
    private readonly StreamPublisher _publisher;
    private readonly AckCalls _acks;
    private readonly CancellationTokenSource _closing = new();
    private AckCollector? _subscriber;
    private Task _acking = Task.CompletedTask;
    private long _total;

    private SettledDeliveries(ServerProcess server, string eventName)
    {
        _server = server;
        _eventName = eventName;
        _connection = new GrpcConnection(server.Addresses.Grpc);
        _publisher = new StreamPublisher(_connection, eventName);
        _acks = new AckCalls(_connection, expectResults: !server.IsBare);
    }

    public long Step => AckCollector.EntriesPerRequest;

    public static async Task<ILoad> OpenAsync(ServerProcess server, string eventName, CancellationToken cancellation)
    {
        var load = new SettledDeliveries(server, eventName);
        if (!server.IsBare)
            await load.SubscribeAsync(new SubscribeRequest { Event = eventName }, cancellation);

        return load;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        _total += messages;
        if (!_server.IsBare)
        {
            await _publisher.PublishAsync(messages, Window, () => _acks.Settled.Count, cancellation);
            await _acks.Settled.WaitForAsync(_total, cancellation);
            return;
        }

        await SubscribeAsync(new SubscribeRequest { Event = _eventName, BufferSize = checked((int)messages) }, cancellation);
        await _publisher.PublishAsync(messages, Window, static () => long.MaxValue, cancellation);
        await _acks.Settled.WaitForAsync(_total, cancellation);
        await UnsubscribeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _publisher.DisposeAsync();
        await UnsubscribeAsync();
        _connection.Dispose();
        _closing.Dispose();
    }

    private async Task SubscribeAsync(SubscribeRequest request, CancellationToken cancellation)
    {
        _subscriber = await AckCollector.OpenAsync(_connection, request, cancellation);
        _acking = _acks.SendAllAsync(_subscriber.Requests.Reader, _closing.Token);
    }

    private async Task UnsubscribeAsync()
    {
        if (_subscriber is not null)
            await _subscriber.DisposeAsync();

        await _acking;
    }
}
