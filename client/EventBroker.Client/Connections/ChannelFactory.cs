using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Connections;

internal static class ChannelFactory
{
    // The largest that any broker may be configured to take, with room for what surrounds it.
    private const int LargestMessage = (256 * 1024 * 1024) + (64 * 1024);

    /// <summary>Makes what sends requests: to be disposed unless it is the program's own.</summary>
    public static HttpMessageHandler CreateHandler(RemoteTransportOptions options, ConnectionMonitor monitor) =>
        new AnswerFilter(options.HttpHandler ?? CreateSockets(options, monitor), monitor);

    public static GrpcChannel Create(RemoteTransportOptions options, HttpMessageHandler handler, ILoggerFactory loggerFactory) =>
        GrpcChannel.ForAddress(options.Address!, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = options.HttpHandler is null,

            // Not the limit of the program: a message above that must be read, or it would end the stream and come again.
            MaxReceiveMessageSize = Math.Max(options.MaxMessageBytes, LargestMessage),
            MaxSendMessageSize = options.MaxMessageBytes,
            LoggerFactory = loggerFactory,
        });

    private static SocketsHttpHandler CreateSockets(RemoteTransportOptions options, ConnectionMonitor monitor) => new()
    {
        // Sockets made here are seen by the monitor. It also keeps the channel from its own waits between connection attempts,
        // which would hold back retries and reconnects for up to two minutes.
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context, monitor, cancellationToken),
        ConnectTimeout = options.ConnectTimeout,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        KeepAlivePingDelay = options.KeepAliveInterval ?? Timeout.InfiniteTimeSpan,
        KeepAlivePingTimeout = options.KeepAliveTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,

        // Otherwise a source outside ASCII would fail the call. Brokers read headers as UTF-8.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        UseCookies = false,

        // A tunnel through a proxy (HTTPS_PROXY, NO_PROXY, the system's) carries HTTP/2; without TLS no proxy does.
        UseProxy = options.Address!.Scheme == Uri.UriSchemeHttps,
        SslOptions = CreateSslOptions(options),
    };

    private static async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, ConnectionMonitor monitor, CancellationToken cancellationToken)
    {
        monitor.Connecting();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            var stream = new MonitoredStream(socket, monitor);
            monitor.Opened(stream);
            return stream;
        }
        catch
        {
            socket.Dispose();
            monitor.ConnectFailed();
            throw;
        }
    }

    private static SslClientAuthenticationOptions CreateSslOptions(RemoteTransportOptions options)
    {
        var ssl = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = options.ServerCertificateValidation };
        if (options.ClientCertificate is { } certificate)
        {
            ssl.ClientCertificates = [certificate];
        }

        if (options.TrustedAuthorities is { } authorities)
        {
            ssl.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            ssl.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return ssl;
    }
}
