using System.Diagnostics.Metrics;
using EventBroker.Broker;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Client.Testing;

/// <summary>A broker inside the test process: the real core, the real gRPC endpoint and the real memory transport, called without a socket.
/// What a program's handlers do with it is what they do with a server.</summary>
/// <remarks>Everybody may do everything. Each test has its own; it starts within milliseconds and holds no port.</remarks>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Meter _meter = new("EventBroker.Client.Testing");
    private readonly SettlementRecorder _settlements = new();
    private readonly TestBrokerOptions _options;
    private readonly List<RemoteTransport> _transports = [];

    private TestBroker(TestBrokerOptions options)
    {
        _options = options;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        if (options.LoggerFactory is { } loggerFactory)
        {
            builder.Services.AddSingleton(loggerFactory);
        }

        builder.Services.AddSingleton(options.TimeProvider);
        builder.Services.AddEventBroker(endpoints => endpoints.Setup = _ => CreateSetup());
        _application = builder.Build();
        _application.MapEventBroker();
    }

    /// <summary>Gets a transport that is connected to this broker. It ends with the broker.</summary>
    public RemoteTransport Transport { get; private set; } = null!;

    /// <summary>Gets what was settled so far, in the order in which the broker took it.</summary>
    public IReadOnlyList<TestSettlement> Settlements => _settlements.All;

    /// <summary>Starts a broker.</summary>
    /// <param name="options">What is special about it; null: nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The broker, ready to be published to.</returns>
    public static async Task<TestBroker> StartAsync(TestBrokerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var broker = new TestBroker(options ?? new TestBrokerOptions());
        await broker._application.StartAsync(cancellationToken).ConfigureAwait(false);
        broker.Transport = broker.CreateTransport();
        foreach (var eventName in broker._options.Events)
        {
            await broker.Transport.RegisterAsync(eventName, cancellationToken).ConfigureAwait(false);
        }

        return broker;
    }

    /// <summary>Makes another transport that is connected to this broker, such as one with a token or a source of its own. It ends with the broker.</summary>
    /// <param name="configure">Sets further options.</param>
    /// <returns>The transport.</returns>
    public RemoteTransport CreateTransport(Action<RemoteTransportOptions>? configure = null)
    {
        var options = new RemoteTransportOptions();
        Connect(options);
        configure?.Invoke(options);
        var transport = new RemoteTransport(options, _options.LoggerFactory, _options.TimeProvider);
        lock (_transports)
        {
            _transports.Add(transport);
        }

        return transport;
    }

    /// <summary>Points options at this broker: for <c>services.Configure&lt;RemoteTransportOptions&gt;(broker.Connect)</c>, behind the
    /// program's own <c>AddEventBrokerClient</c>.</summary>
    /// <param name="options">The options.</param>
    public void Connect(RemoteTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var server = _application.GetTestServer();
        options.Address = server.BaseAddress;
        options.HttpHandler = server.CreateHandler();
    }

    /// <summary>Waits until a message was acked.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first ack of the message, also if it has happened already.</returns>
    public Task<TestSettlement> WhenAckedAsync(string messageId, CancellationToken cancellationToken = default) =>
        _settlements.WaitAsync(messageId, TestSettlementKind.Acked, cancellationToken);

    /// <summary>Waits until a message was nacked.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first nack of the message, also if it has happened already.</returns>
    public Task<TestSettlement> WhenNackedAsync(string messageId, CancellationToken cancellationToken = default) =>
        _settlements.WaitAsync(messageId, TestSettlementKind.Nacked, cancellationToken);

    /// <summary>Ends the transports made here, then the broker.</summary>
    /// <returns>A task that ends when nothing runs any more.</returns>
    public async ValueTask DisposeAsync()
    {
        foreach (var transport in _transports)
        {
            await transport.DisposeAsync().ConfigureAwait(false);
        }

        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _meter.Dispose();
    }

    private BrokerSetup CreateSetup() => new()
    {
        Transports = new Dictionary<string, ITransport>
        {
            ["memory"] = new MemoryTransport(
                "memory", new MemorySettings(), _options.TimeProvider, _meter, NullLogger.Instance),
        },
        Routes = [new EventRoute { Events = "*", Transport = "memory" }],
        Authorizers = [new OpenAuthorizer()],
        Interceptors = [_settlements],
    };
}
