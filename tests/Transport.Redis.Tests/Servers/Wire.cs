using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>What stands between a broker and Redis: can be cut, can swallow everything without closing, and can be slow.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile bool _swallows;
    private long _delayTicks;

    public Wire(int port)
    {
        _port = port;
        _listener.Start();
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    /// <summary>Closes every connection and lets no other through.</summary>
    public void Cut()
    {
        _isCut = true;
        CloseAll();
    }

    /// <summary>Keeps connections open and loses what is sent over them.</summary>
    public void Swallow() => _swallows = true;

    /// <summary>Lets everything through, and each way takes so long.</summary>
    public void Delay(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);

    /// <summary>Lets everything through again; what has swallowed bytes is closed, since nobody could make sense of the rest.</summary>
    public void Mend()
    {
        _isCut = false;
        Delay(TimeSpan.Zero);
        if (_swallows)
        {
            _swallows = false;
            CloseAll();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        CloseAll();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                if (_isCut)
                {
                    client.Dispose();
                    continue;
                }

                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        _sockets[client] = true;
        _sockets[server] = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone.
        }
        finally
        {
            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var line = Channel.CreateUnbounded<(long ReadAt, TimeSpan Delay, byte[] Bytes)>();
        var receiving = ReceiveAsync(from, line.Writer);
        await Task.WhenAny(receiving, SendAsync(line.Reader, to));
    }

    private async Task ReceiveAsync(Socket from, ChannelWriter<(long ReadAt, TimeSpan Delay, byte[] Bytes)> line)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None, _end.Token)) > 0)
            {
                line.TryWrite((TimeProvider.System.GetTimestamp(), new TimeSpan(Volatile.Read(ref _delayTicks)), buffer[..read]));
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone.
        }
    }

    private async Task SendAsync(ChannelReader<(long ReadAt, TimeSpan Delay, byte[] Bytes)> line, Socket to)
    {
        try
        {
            await foreach (var (readAt, delay, bytes) in line.ReadAllAsync(_end.Token))
            {
                var left = delay - TimeProvider.System.GetElapsedTime(readAt);
                if (left > TimeSpan.Zero)
                {
                    await Task.Delay(left, TimeProvider.System, _end.Token);
                }

                for (var sent = 0; sent < bytes.Length && !_swallows;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), SocketFlags.None, _end.Token);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone.
        }
    }

    private void CloseAll()
    {
        foreach (var socket in _sockets.Keys)
        {
            socket.Dispose();
        }
    }
}
