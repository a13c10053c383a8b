using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Clients;

/// <summary>An SSE or WebSocket subscription on a bare socket, whose messages are counted and thrown away.</summary>
internal sealed class SocketSubscriber : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly ReceivedCounter _received;
    private readonly bool _isWebSocket;
    private Task _reading = Task.CompletedTask;

    private SocketSubscriber(ReceivedCounter received, bool isWebSocket)
    {
        _received = received;
        _isWebSocket = isWebSocket;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    }

    public static async Task<SocketSubscriber> OpenAsync(
        Uri server, string eventName, bool isWebSocket, ReceivedCounter received, CancellationToken cancellation)
    {
        var subscriber = new SocketSubscriber(received, isWebSocket);
        try
        {
            await subscriber.ConnectAsync(server, eventName, cancellation);
            return subscriber;
        }
        catch
        {
            await subscriber.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private async Task ConnectAsync(Uri server, string eventName, CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server.Host, server.Port, cancellation);
        var request = _isWebSocket
            ? $"GET /v1/events/{eventName}/subscribe?auto_ack=true HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            : $"GET /v1/events/{eventName}/stream?auto_ack=true HTTP/1.1\r\nHost: {server.Authority}\r\nAccept: text/event-stream\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellation);

        // Byte by byte up to the empty line, so that nothing of the body is taken.
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _socket.ReceiveAsync(next, cancellation) == 0)
                throw new InvalidOperationException($"The server has closed a connection while answering: {head}");

            head.Append((char)next[0]);
        }

        var expected = _isWebSocket ? "HTTP/1.1 101" : "HTTP/1.1 200";
        if (!head.ToString().StartsWith(expected, StringComparison.Ordinal))
            throw new InvalidOperationException($"A subscriber expected {expected} and got: {head}");

        _reading = ReadAsync();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        var frames = new WebSocketFrameCounter();
        try
        {
            while (true)
            {
                var read = await _socket.ReceiveAsync(buffer);
                if (read == 0)
                    throw new InvalidOperationException("The server has closed a subscriber's connection.");

                var bytes = buffer.AsSpan(0, read);
                var completed = _isWebSocket ? frames.Advance(bytes) : bytes.Count(SampleMessage.Marker);
                if (completed > 0)
                    _received.Add(completed);
            }
        }
        catch (Exception fault)
        {
            // Whoever waits for messages gets it; after disposal nobody does.
            _received.Fail(fault);
        }
    }
}
