using System.Threading.Channels;
using Benchmarks.Clients;
using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Loads;

/// <summary>Ack calls of 100 entries alone: the deliveries that they settle were made before.</summary>
internal sealed class Acks : ILoad
{
    private const int Subscribers = 100;
    private const int MaxInFlight = 1_000;
    private const int Window = 8_192;

    private readonly GrpcConnection _connection;
    private readonly string _eventName;
    private readonly AckCalls _calls;
    private readonly List<AckCollector> _subscribers = [];
    private readonly bool _isBare;
    private StreamPublisher? _publisher;
    private long _collected;
    private long _settled;

    private Acks(ServerProcess server, string eventName)
    {
        _isBare = server.IsBare;
        _eventName = eventName;
        _connection = new GrpcConnection(server.Addresses.Grpc);
        _calls = new AckCalls(_connection, expectResults: !_isBare);
    }

    public long Step => Subscribers * AckCollector.EntriesPerRequest;

    /// <inheritdoc/>
    /// <remarks>A subscription may hold no more unsettled messages, unless the broker is configured otherwise.</remarks>
    public long Limit => Subscribers * MaxInFlight;

    public static async Task<ILoad> OpenAsync(ServerProcess server, string eventName, CancellationToken cancellation)
    {
        var load = new Acks(server, eventName);
        if (!load._isBare)
        {
            load._publisher = new StreamPublisher(load._connection, eventName);
            await load.SubscribeAsync(new SubscribeRequest { Event = eventName, MaxInFlight = MaxInFlight, AckTimeout = new() { Seconds = 600 } }, cancellation);
        }

        return load;
    }

    public async Task PrepareAsync(long messages, CancellationToken cancellation)
    {
        var each = messages / Subscribers;
        if (_publisher is null)
        {
            await UnsubscribeAsync();
            _collected = 0;
            await SubscribeAsync(new SubscribeRequest { Event = _eventName, BufferSize = checked((int)each) }, cancellation);
        }
        else
        {
            await _publisher.PublishAsync(each, Window, () => _subscribers.Min(subscriber => subscriber.Received.Count), cancellation);
        }

        _collected += each;
        await Task.WhenAll(_subscribers.Select(subscriber => subscriber.Received.WaitForAsync(_collected, cancellation)));
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        // Subscribers take turns, as independent ones would.
        var requests = Channel.CreateUnbounded<byte[]>();
        for (long left = messages; left > 0;)
        {
            foreach (var subscriber in _subscribers)
            {
                requests.Writer.TryWrite(await subscriber.Requests.Reader.ReadAsync(cancellation));
                left -= AckCollector.EntriesPerRequest;
            }
        }

        requests.Writer.Complete();
        _settled += messages;
        await _calls.SendAllAsync(requests.Reader, cancellation);
        await _calls.Settled.WaitForAsync(_settled, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null)
            await _publisher.DisposeAsync();

        await UnsubscribeAsync();
        _connection.Dispose();
    }

    private async Task SubscribeAsync(SubscribeRequest request, CancellationToken cancellation)
    {
        for (var i = 0; i < Subscribers; i++)
            _subscribers.Add(await AckCollector.OpenAsync(_connection, request, cancellation));
    }

    private async Task UnsubscribeAsync()
    {
        foreach (var subscriber in _subscribers)
            await subscriber.DisposeAsync();

        _subscribers.Clear();
    }
}
