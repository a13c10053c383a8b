using System.Net.Sockets;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// A network between two brokers that can be cut (connections break, and new ones are refused until it is mended), or made to swallow
// whatever is sent.
internal sealed class Wire : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Uri _target;
    private readonly ReservedPort _port = new();
    private readonly List<Socket> _sockets = [];
    private Socket _listener;
    private volatile bool _swallows;
    private bool _isCut;

    public Wire(Uri target)
    {
        _target = target;
        _listener = Listen();
        Address = new Uri($"http://{_port.EndPoint}");
    }

    public Uri Address { get; }

    public void Set(bool isWhole)
    {
        if (isWhole)
        {
            Mend();
        }
        else
        {
            Cut();
        }
    }

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

    // For good.
    public void Swallow() => _swallows = true;

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
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_lock)
                {
                    _sockets.Add(near);
                    _sockets.Add(far);
                }

                await far.ConnectAsync(_target.Host, _target.Port);
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (!_swallows)
                {
                    await to.SendAsync(buffer.AsMemory(0, count));
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
