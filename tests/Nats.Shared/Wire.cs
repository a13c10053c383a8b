using System.Net;
using System.Net.Sockets;

namespace EventBroker.Nats.Tests;

// A network between a transport and its server. It can be cut (connections break, new ones are refused until it is mended) and can
// swallow what is sent while everything seems to be connected.
internal sealed class Wire : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly int _target;
    private readonly ReservedPort _port = new();
    private readonly List<Socket> _sockets = [];
    private Socket _listener;
    private bool _isCut;
    private volatile bool _swallows;
    private long _delayTicks;

    public Wire(int target)
    {
        _target = target;
        _listener = Listen();
    }

    public int Port => _port.EndPoint.Port;

    public string Address => $"nats://127.0.0.1:{Port}";

    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            _listener.Dispose();
            _sockets.ForEach(static s => s.Dispose());
            _sockets.Clear();
        }
    }

    public void Mend()
    {
        lock (_lock)
        {
            if (_isCut)
            {
                _listener = Listen();
                _isCut = false;
            }
        }
    }

    public void Swallow(bool swallows) => _swallows = swallows;

    // Each way.
    public void Delay(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);

    public ValueTask DisposeAsync()
    {
        Cut();
        _port.Dispose();
        return default;
    }

    private Socket Listen()
    {
        var listener = _port.Bind();
        listener.Listen();
        _ = AcceptAsync(listener);
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptAsync();
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                near.NoDelay = true;
                lock (_lock)
                {
                    if (_isCut || listener != _listener)
                    {
                        // Cut since it was accepted.
                        near.Dispose();
                        far.Dispose();
                        return;
                    }

                    _sockets.Add(near);
                    _sockets.Add(far);
                }

                _ = ConnectAsync(near, far);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task ConnectAsync(Socket near, Socket far)
    {
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody is there, or cut.
            near.Dispose();
            far.Dispose();
            return;
        }

        _ = PumpAsync(near, far);
        _ = PumpAsync(far, near);
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (Volatile.Read(ref _delayTicks) is > 0 and var ticks)
                {
                    await Task.Delay(TimeSpan.FromTicks(ticks), TimeProvider.System);
                }

                for (var sent = 0; sent < count && !_swallows;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
