using Benchmarks.Clients;
using Benchmarks.Servers;

namespace Benchmarks.Loads;

/// <summary>Messages to a thousand SSE or WebSocket connections, in bursts at a steady pace.</summary>
internal sealed class SocketFanOut : ILoad
{
    private const int Connections = 1_000;

    private readonly ServerProcess _server;
    private readonly bool _isWebSocket;
    private readonly int _burst;
    private readonly TimeSpan _interval;
    private readonly ReceivedCounter _received = new();
    private readonly List<SocketSubscriber> _subscribers = [];
    private readonly GrpcConnection _connection;
    private readonly HttpClient _control = new();
    private StreamPublisher? _publisher;
    private long _total;

    private SocketFanOut(ServerProcess server, bool isWebSocket, int burst, TimeSpan interval)
    {
        _server = server;
        _isWebSocket = isWebSocket;
        _burst = burst;
        _interval = interval;
        _connection = new GrpcConnection(server.Addresses.Grpc);
    }

    public long Step => Connections * _burst;

    public static async Task<ILoad> OpenAsync(
        ServerProcess server, string eventName, bool isWebSocket, int burst, TimeSpan interval, CancellationToken cancellation)
    {
        var load = new SocketFanOut(server, isWebSocket, burst, interval);
        for (var i = 0; i < Connections; i++)
            load._subscribers.Add(await SocketSubscriber.OpenAsync(server.Addresses.Http, eventName, isWebSocket, load._received, cancellation));

        if (!server.IsBare)
            load._publisher = new StreamPublisher(load._connection, eventName);

        return load;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        using var pace = new PeriodicTimer(_interval, TimeProvider.System);
        for (var end = _total + messages; _total < end;)
        {
            await SendAsync(cancellation);
            _total += Step;
            // The next burst waits for this one, or they would merge into larger ones.
            await _received.WaitForAsync(_total, cancellation);
            await pace.WaitForNextTickAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null)
            await _publisher.DisposeAsync();

        foreach (var subscriber in _subscribers)
            await subscriber.DisposeAsync();

        _connection.Dispose();
        _control.Dispose();
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        if (_publisher is not null)
        {
            await _publisher.PublishAsync(_burst, _burst, static () => long.MaxValue, cancellation);
            return;
        }

        var target = new Uri(_server.Addresses.Http, $"/fanout/{(_isWebSocket ? "websocket" : "sse")}?burst={_burst}");
        using var response = await _control.PostAsync(target, content: null, cancellation);
        response.EnsureSuccessStatusCode();
    }
}
