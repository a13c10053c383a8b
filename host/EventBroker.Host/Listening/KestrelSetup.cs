using EventBroker.Host.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventBroker.Host.Listening;

internal static class KestrelSetup
{
    // One connection may carry the subscriptions and publishes of a whole program; the default of 100 would queue them.
    private const int MaxStreamsPerConnection = 10_000;

    // Beside the payload in base64, for metadata, field names and white space.
    private const int RequestOverhead = 1024 * 1024;

    // Returns what sets the endpoints' ports to the real ones; call it once the server has started.
    public static Action Apply(KestrelServerOptions options, ListenPlan plan, LimitsSettings limits)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = (limits.MaxMessageBytes * 2L) + RequestOverhead;
        options.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);

        // A subscriber may stop reading for as long as it likes: it slows down nobody, and is told what it missed.
        options.Limits.MinResponseDataRate = null;

        // A stream of publishes or acks may be quiet for long.
        options.Limits.MinRequestBodyDataRate = null;

        var bound = new List<(ListenAddress ListenAddress, ListenOptions Options)>();
        if (plan.Grpc is { } grpc)
        {
            Listen(options, grpc, Configure(grpc, HttpProtocols.Http2));
        }

        if (plan.Http is { } http)
        {
            // HTTP/2 without TLS needs a port of its own.
            Listen(options, http, Configure(http, HttpProtocols.Http1));
        }

        if (plan.Https is { } https)
        {
            Listen(options, https, Configure(https, HttpProtocols.Http1AndHttp2) + (listen => listen.UseHttps(plan.Certificate!)));
        }

        return () => bound.ForEach(static b => b.ListenAddress.Port = b.Options.IPEndPoint?.Port ?? b.ListenAddress.Port);

        Action<ListenOptions> Configure(ListenAddress endpoint, HttpProtocols protocols) => listen =>
        {
            listen.Protocols = protocols;
            bound.Add((endpoint, listen));
        };
    }

    private static void Listen(KestrelServerOptions options, ListenAddress endpoint, Action<ListenOptions> configure)
    {
        if (endpoint is { IsLocalhost: true, Port: > 0 })
        {
            options.ListenLocalhost(endpoint.Port, configure);
        }
        else if (endpoint.Address is { } address)
        {
            options.Listen(address, endpoint.Port, configure);
        }
        else
        {
            options.ListenAnyIP(endpoint.Port, configure);
        }
    }
}
