using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventBroker.Client.Tests.Faults;

// An HTTP proxy that makes tunnels (CONNECT), for one port; to the system it is the proxy of that port alone.
internal sealed class TunnelProxy : IWebProxy, IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private int _tunnels;

    public TunnelProxy(int port)
    {
        _port = port;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Tunnels => Volatile.Read(ref _tunnels);

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) =>
        IsBypassed(destination) ? null : new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public bool IsBypassed(Uri host) => host.Port != _port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = TunnelAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var request = await ReadHeadAsync(stream);
                if (!request.StartsWith($"CONNECT localhost:{_port} ", StringComparison.Ordinal))
                {
                    return;
                }

                Interlocked.Increment(ref _tunnels);
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _port);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
                await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
            {
                // One side is gone: so is the other.
            }
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(next) == 1)
        {
            head.Append((char)next[0]);
        }

        return head.ToString();
    }
}
