using System.Diagnostics.Metrics;
using EventBroker.Broker;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Client.Tests.Hosting;

// A broker over the memory transport on a real Kestrel. The transport outlives the web host, so that a restart keeps the messages, as
// over one run of a server; LoseMessagesAsync makes a new one. Fails its test if the broker logged an error.
internal sealed class EmbeddedBroker : IRestartableBroker
{
    private readonly ReservedPort _port = new();
    private readonly LogCollector _log = new();
    private readonly Meter _meter = new("EventBroker.Client.Tests");
    private readonly EmbeddedBrokerSettings _settings;
    private MemoryTransport _transport;
    private WebApplication? _app;

    private EmbeddedBroker(EmbeddedBrokerSettings settings)
    {
        _settings = settings;
        _transport = settings.Transport ?? CreateTransport();
    }

    public MemoryTransport Transport => _transport;

    public Uri Address => new($"{(_settings.Https is null ? "http" : "https")}://localhost:{_port.EndPoint.Port}");

    public OpenAuthorizer Authorizer { get; } = new();

    // What the server has seen of each request: gRPC method and headers.
    public RequestLog Requests { get; } = new();

    // Errors that the test causes on purpose: by default those of a request that is cut off in the middle.
    public Predicate<string> IsExpectedError { get; set; } = static error =>
        error.Contains("The request stream was aborted", StringComparison.Ordinal)
        || error.Contains("The client reset the request stream", StringComparison.Ordinal);

    public static async Task<EmbeddedBroker> CreateAsync(EmbeddedBrokerSettings? settings = null)
    {
        var broker = new EmbeddedBroker(settings ?? new EmbeddedBrokerSettings());
        await broker.StartAsync();
        return broker;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();

        // The health service looks every now and then, also while a broker drains, and calls it an error to find it not ready.
        builder.Logging.ClearProviders().AddProvider(_log).AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.UseSockets(options => options.CreateBoundListenSocket = _ => _port.Bind());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(_port.EndPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (_settings.Https is { } https)
            {
                listen.UseHttps(https);
            }
        }));
        builder.Services.AddSingleton(_settings.Time);
        builder.Services.AddEventBroker(options =>
        {
            options.DrainTimeout = TimeSpan.FromSeconds(2);
            options.Setup = _ => CreateSetup();
        });
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            await Requests.EnterAsync(context);
            if (!context.Response.HasStarted)
            {
                await next(context);
                Requests.After?.Invoke(context);
            }
        });
        _app.MapEventBroker();
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    // As after a crash without a durable transport: no messages, no events.
    public async Task RestartEmptyAsync()
    {
        await StopAsync();
        await _transport.DisposeAsync();
        _transport = CreateTransport();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await (_settings.Transport is null ? _transport.DisposeAsync() : default);
        _meter.Dispose();
        _port.Dispose();
        Assert.True(_log.Errors.All(error => IsExpectedError(error)), string.Join("\n", _log.Errors));
    }

    private MemoryTransport CreateTransport() =>
        new("memory", _settings.Memory, _settings.Time, _meter, NullLogger.Instance);

    private BrokerSetup CreateSetup() => new()
    {
        Transports = new Dictionary<string, ITransport> { ["memory"] = _settings.Decorate?.Invoke(_transport) ?? _transport },
        Routes = [new EventRoute { Events = "*", Transport = "memory" }],
        Authorizers = [Authorizer],
        Options = _settings.Broker,
    };
}
