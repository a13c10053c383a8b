using EventBroker.Host.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventBroker.Host.Listening;

// Puts the plan and the limits into the server.
internal sealed class KestrelSetup(ListenPlan plan, LimitsSettings limits)
{
    // Of the server's rates.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // Beside the payload in base64, for metadata, field names and white space.
    private const int RequestOverhead = 1024 * 1024;

    private readonly List<(ListenAddress Address, ListenOptions Options)> _bound = [];

    private MinDataRate? MinRate { get; } = limits.MinBytesPerSecond == 0 ? null : new MinDataRate(limits.MinBytesPerSecond, Grace);

    public void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = (limits.MaxMessageBytes * 2L) + RequestOverhead;
        options.Limits.MaxConcurrentConnections = limits.MaxConnections;
        options.Limits.MaxConcurrentUpgradedConnections = limits.MaxConnections;
        options.Limits.RequestHeadersTimeout = limits.HeaderTimeout;
        options.Limits.Http2.MaxStreamsPerConnection = limits.MaxStreamsPerConnection;
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);

        options.Limits.MinRequestBodyDataRate = MinRate;

        // Over HTTP/2 it would hold for whole connections, and a subscriber may stop reading for as long as it likes: it slows down
        // nobody, and is told what it missed. HTTP/1.1 gets it by request.
        options.Limits.MinResponseDataRate = null;

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

        Action<ListenOptions> Configure(ListenAddress endpoint, HttpProtocols protocols) => listen =>
        {
            listen.Protocols = protocols;
            _bound.Add((endpoint, listen));
        };
    }

    // Once the server has started, a port that was left to the system is known.
    public void TakePorts()
    {
        foreach (var (address, listen) in _bound)
        {
            address.Port = listen.IPEndPoint?.Port ?? address.Port;
        }
    }

    // Streams lift it again.
    public RequestDelegate LimitResponseRate(RequestDelegate next) => http =>
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = MinRate;
        }

        return next(http);
    };

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
