using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Transport.Kafka.Tests.Security;

/// <summary>Stands before a mock cluster with one broker and asks for what the mock does not ask for: TLS, a client's certificate, SASL. Where the
/// cluster says at which port its broker is, the proxy says its own.</summary>
internal sealed class ClusterProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly IPEndPoint _cluster;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly Func<ISaslServer>? _sasl;
    private readonly Task _accepting;
    private int _admitted;

    /// <summary>Begins to listen.</summary>
    /// <param name="cluster">The cluster's address.</param>
    /// <param name="certificate">The proxy's certificate; null for no TLS.</param>
    /// <param name="clients">Which certificate clients have to show; null for none.</param>
    /// <param name="sasl">Makes who asks a client for its name; null for nobody.</param>
    public ClusterProxy(string cluster, X509Certificate2? certificate = null, X509Certificate2? clients = null, Func<ISaslServer>? sasl = null)
    {
        _cluster = IPEndPoint.Parse(cluster);
        _sasl = sasl;
        _tls = certificate is null ? null : new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = clients is not null,
            RemoteCertificateValidationCallback = (_, shown, _, _) => clients is null || shown?.GetCertHashString() == clients.GetCertHashString(),
        };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string BootstrapServers => _listener.LocalEndpoint.ToString()!;

    /// <summary>Gets how many connections were let through.</summary>
    public int Admitted => Volatile.Read(ref _admitted);

    /// <summary>Gets why others were not.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            await using var near = await GreetAsync(client.GetStream());
            using var connection = new TcpClient();
            await connection.ConnectAsync(_cluster, _ending.Token);
            using var session = new ProxySession(near, connection.GetStream(), ((IPEndPoint)_listener.LocalEndpoint).Port, _cluster.Port, _sasl?.Invoke());
            if (_sasl is null)
            {
                Interlocked.Increment(ref _admitted);
            }

            await session.RunAsync(() => Interlocked.Increment(ref _admitted), _ending.Token);
        }
        catch (UnauthorizedAccessException exception)
        {
            _refusals.Enqueue(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException)
        {
            _refusals.Enqueue(exception.GetType().Name);
        }
    }

    private async Task<Stream> GreetAsync(NetworkStream stream)
    {
        if (_tls is null)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(_tls, _ending.Token);
        return secure;
    }
}
