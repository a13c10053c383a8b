using System.Net;
using System.Net.Sockets;

namespace EventBroker.Client.Tests.Faults;

// A TCP proxy that misbehaves on demand: it cuts, holds back and swallows, each direction by itself.
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ReservedPort _port = new();
    private readonly List<ProxiedConnection> _connections = [];
    private readonly Counted _accepted = new();
    private readonly IPEndPoint[] _targets;
    private readonly string _scheme;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    // With several targets a balancer: each connection goes to the first that takes it.
    public FaultProxy(params Uri[] targets)
    {
        _targets = [.. targets.Select(static target => new IPEndPoint(IPAddress.Loopback, target.Port))];
        _scheme = targets[0].Scheme;
        Restore();
    }

    public Uri Address => new($"{_scheme}://localhost:{_port.EndPoint.Port}");

    // What happens to bytes on their way, on the connections there are and on new ones.
    public Gate ToServer { get; } = new();

    public Gate ToClient { get; } = new();

    public int Accepted => _accepted.Value;

    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    public Task AcceptedAsync(int count) => _accepted.ReachAsync(count);

    // Resets every connection; new ones still come through.
    public void CutConnections()
    {
        ProxiedConnection[] all;
        lock (_lock)
        {
            all = [.. _connections];
            _connections.Clear();
        }

        foreach (var connection in all)
        {
            connection.Reset();
        }
    }

    // Resets every connection and refuses new ones.
    public async Task CutAsync()
    {
        Socket? listener;
        lock (_lock)
        {
            (listener, _listener) = (_listener, null);
        }

        listener?.Dispose();
        await _accepting;
        CutConnections();
    }

    public void Restore()
    {
        lock (_lock)
        {
            if (_listener is null)
            {
                _listener = _port.Bind();
                _listener.Listen(512);
                _accepting = AcceptAsync(_listener);
            }
        }
    }

    // Connections come about, and then nothing is ever heard again.
    public void BlackHole()
    {
        ToServer.Mode = GateMode.Swallow;
        ToClient.Mode = GateMode.Swallow;
    }

    // The connections that lost bytes are of no use any more.
    public void EndBlackHole()
    {
        CutConnections();
        ToServer.Mode = GateMode.Pass;
        ToClient.Mode = GateMode.Pass;
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _port.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync();
                var connection = new ProxiedConnection(client, ToServer, ToClient);
                lock (_lock)
                {
                    _connections.Add(connection);
                }

                _ = RunAsync(connection);
                _accepted.Increment();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }
    }

    private async Task RunAsync(ProxiedConnection connection)
    {
        await connection.RunAsync(_targets);
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }
}
