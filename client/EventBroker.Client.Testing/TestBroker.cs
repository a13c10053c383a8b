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
/// <remarks>Everybody may do everything, unless <see cref="TestBrokerOptions.Authorize"/> says otherwise. Each test has its own; it starts within milliseconds and holds no port.</remarks>
public sealed class TestBroker : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Meter _meter = new("EventBroker.Client.Testing");
    private readonly RecordingInterceptor _recorder = new();
    private readonly TestConnection _connection = new();
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
    public IReadOnlyList<TestSettlement> Settlements => _recorder.Settled.All;

    /// <summary>Gets what was published so far, dead letters among it, in the order in which the broker took it.</summary>
    public IReadOnlyList<TestPublish> Published => _recorder.Published.All;

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
        options.HttpHandler = _connection.Connect(server.CreateHandler());
    }

    /// <summary>Cuts every connection that was made by <see cref="Connect"/> or for <see cref="Transport"/>: what is under way fails, and so does
    /// what is tried until <see cref="Restore"/>. The broker lives on, as behind a network that is down.</summary>
    public void Cut() => _connection.Cut();

    /// <summary>Lets connections through again.</summary>
    public void Restore() => _connection.Restore();

    /// <summary>Waits until a message was published that a test looks for.</summary>
    /// <param name="isWanted">Tells it from others.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first one, also if it has been published already.</returns>
    public Task<TestPublish> WhenPublishedAsync(Predicate<TestPublish> isWanted, CancellationToken cancellationToken = default) =>
        _recorder.Published.WaitAsync(isWanted, cancellationToken);

    /// <summary>Waits until something was settled that a test looks for.</summary>
    /// <param name="isWanted">Tells it from others.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first one, also if it has happened already.</returns>
    public Task<TestSettlement> WhenSettledAsync(Predicate<TestSettlement> isWanted, CancellationToken cancellationToken = default) =>
        _recorder.Settled.WaitAsync(isWanted, cancellationToken);

    /// <summary>Waits until a message was acked.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first ack of the message, also if it has happened already.</returns>
    public Task<TestSettlement> WhenAckedAsync(string messageId, CancellationToken cancellationToken = default) =>
        WhenSettledAsync(s => s.MessageId == messageId && s.Kind == TestSettlementKind.Acked, cancellationToken);

    /// <summary>Waits until a message was nacked.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Ends the wait; without one it may last for ever.</param>
    /// <returns>The first nack of the message, also if it has happened already.</returns>
    public Task<TestSettlement> WhenNackedAsync(string messageId, CancellationToken cancellationToken = default) =>
        WhenSettledAsync(s => s.MessageId == messageId && s.Kind == TestSettlementKind.Nacked, cancellationToken);

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
        _connection.Dispose();
    }

    private BrokerSetup CreateSetup() => new()
    {
        Transports = new Dictionary<string, ITransport> { ["memory"] = CreateMemory() },
        Routes = [new EventRoute { Events = "*", Transport = "memory" }],
        Authorizers = [new TestAuthorizer(_options.Authorize)],
        Interceptors = [_recorder],
        Options = new BrokerOptions
        {
            MaxMessageBytes = _options.MaxMessageBytes,
            MaxInFlight = _options.MaxInFlight,
            MaxItemsPerCall = _options.MaxItemsPerCall,
        },
    };

    private ITransport CreateMemory()
    {
        var memory = new MemoryTransport("memory", new MemorySettings(), _options.TimeProvider, _meter, NullLogger.Instance);
        return _options.Decorate?.Invoke(memory) ?? memory;
    }
}
