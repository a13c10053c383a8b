using EventBroker.Host.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventBroker.Host.Listening;

internal static class KestrelSetup
{
    // Of the server's rates.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // Beside the payload in base64, for metadata, field names and white space.
    private const int RequestOverhead = 1024 * 1024;

    // Returns what sets the endpoints' ports to the real ones; call it once the server has started.
    public static Action Apply(KestrelServerOptions options, ListenPlan plan, LimitsSettings limits)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = (limits.MaxMessageBytes * 2L) + RequestOverhead;
        options.Limits.MaxConcurrentConnections = limits.MaxConnections;
        options.Limits.MaxConcurrentUpgradedConnections = limits.MaxConnections;
        options.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
        options.Limits.Http2.MaxStreamsPerConnection = limits.MaxStreamsPerConnection;
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);

        options.Limits.MinRequestBodyDataRate = RateOf(limits);

        // Over HTTP/2 it would hold for whole connections, and a subscriber may stop reading for as long as it likes: it slows down
        // nobody, and is told what it missed. HTTP/1.1 gets it by request.
        options.Limits.MinResponseDataRate = null;

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
            Listen(options, https, Configure(https, HttpProtocols.Http1AndHttp2) + (listen => UseTls(listen, plan.Tls!)));
        }

        return () => bound.ForEach(static b => b.ListenAddress.Port = b.Options.IPEndPoint?.Port ?? b.ListenAddress.Port);

        Action<ListenOptions> Configure(ListenAddress endpoint, HttpProtocols protocols) => listen =>
        {
            listen.Protocols = protocols;
            bound.Add((endpoint, listen));
        };
    }

    // Streams lift it again.
    public static Func<RequestDelegate, RequestDelegate> ResponseRate(LimitsSettings limits)
    {
        var rate = RateOf(limits);
        return next => http =>
        {
            if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
            {
                response.MinDataRate = rate;
            }

            return next(http);
        };
    }

    private static MinDataRate? RateOf(LimitsSettings limits) =>
        limits.MinBytesPerSecond == 0 ? null : new MinDataRate(limits.MinBytesPerSecond, Grace);

    private static void UseTls(ListenOptions listen, TlsSettings tls)
    {
        var log = listen.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("EventBroker.Host");
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(tls.ForHandshake(log)) });
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
