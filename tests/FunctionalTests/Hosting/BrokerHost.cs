using System.Diagnostics.Metrics;
using System.Text;
using EventBroker.Broker;
using EventBroker.Broker.Access;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.FunctionalTests.Hosting;

// A broker over the memory transport on a real Kestrel, in an application that embeds it. Fails its test if an error was logged.
internal sealed class BrokerHost : IServedBroker, IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogCollector _log = new();
    private readonly Meter _meter = new("EventBroker.FunctionalTests");
    private readonly List<IDisposable> _clients = [];
    private readonly TimeProvider _clock;
    private readonly InProcessCaller _caller = new();

    private BrokerHost(
        Action<BrokerOptions>? limits,
        Action<EventBrokerOptions>? options,
        Action<MemorySettings>? memory,
        ITransport? transport,
        Func<ITransport, ITransport>? decorate,
        TimeProvider? clock,
        Action<IServiceCollection>? services,
        Action<IApplicationBuilder>? pipeline,
        bool autoRegister)
    {
        _clock = clock ?? Time;
        var builder = WebApplication.CreateSlimBuilder();

        // The health service looks every now and then, also while the host drains, and calls it an error to find it not ready.
        builder.Logging.ClearProviders().AddProvider(_log).AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            // As in the host: a client that does not read is the broker's affair.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(_clock);
        builder.Services.AddEventBroker(o =>
        {
            o.Setup = _ => CreateSetup(limits, memory, transport, decorate, autoRegister);
            options?.Invoke(o);
        });
        services?.Invoke(builder.Services);
        _app = builder.Build();
        _app.Use(async (_, next) =>
        {
            Requests.Begin();
            try
            {
                await next();
            }
            finally
            {
                Requests.End();
            }
        });
        pipeline?.Invoke(_app);
        _app.MapEventBroker();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public RequestCounter Requests { get; } = new();

    public OpenAuthorizer Authorizer { get; } = new();

    public MessageBroker Broker => _app.Services.GetRequiredService<MessageBroker>();

    public Uri HttpAddress { get; private set; } = null!;

    public Uri GrpcAddress { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public IReadOnlyCollection<string> Warnings => _log.Warnings;

    // Errors that the test causes on purpose.
    public Predicate<string> IsExpectedError { get; set; } = static _ => false;

    public static async Task<BrokerHost> StartAsync(
        Action<BrokerOptions>? limits = null,
        Action<EventBrokerOptions>? options = null,
        Action<MemorySettings>? memory = null,
        ITransport? transport = null,
        Func<ITransport, ITransport>? decorate = null,
        TimeProvider? clock = null,
        Action<IServiceCollection>? services = null,
        Action<IApplicationBuilder>? pipeline = null,
        bool autoRegister = false)
    {
        var host = new BrokerHost(limits, options, memory, transport, decorate, clock, services, pipeline, autoRegister);
        await host._app.StartAsync();
        var addresses = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        host.HttpAddress = new Uri(addresses[0]);
        host.GrpcAddress = new Uri(addresses[1]);
        host.Http = host.Keep(new HttpClient { BaseAddress = host.HttpAddress });
        return host;
    }

    public GrpcChannel OpenChannel() => Keep(GrpcChannel.ForAddress(GrpcAddress));

    // In the process, so that large messages cost little.
    public async Task PublishAsync(string eventName, string id, byte[] payload)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        message.WritePayload(payload);
        await Broker.PublishAsync(_caller, eventName, message, CancellationToken.None);
    }

    // For BeatAsync: what the broker has not come back from sending by then must not count as a connection that takes nothing.
    public static void Patient(BrokerOptions limits) => limits.AckTimeout = TimeSpan.FromMinutes(10);

    // Moves the clock to where a quiet stream gives a sign of life. It leaves that out while it is still in what it sent before, which its
    // client may have read already. Nobody sees whether it is, so the clock goes on to the next one where none has come for a while.
    public async Task<T> BeatAsync<T>(TimeSpan step, Task<T> sign)
    {
        Time.Advance(step);
        for (var i = 0; i < 4 && await Task.WhenAny(sign, Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System)) != sign; i++)
        {
            Time.Advance(new EventBrokerOptions().HeartbeatInterval);
        }

        return await sign.WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        await StopAsync();
        await _app.DisposeAsync();
        _meter.Dispose();
        Assert.True(_log.Errors.All(error => IsExpectedError(error)), string.Join("\n", _log.Errors));
    }

    private T Keep<T>(T client)
        where T : IDisposable
    {
        _clients.Add(client);
        return client;
    }

    private BrokerSetup CreateSetup(
        Action<BrokerOptions>? limits,
        Action<MemorySettings>? memory,
        ITransport? transport,
        Func<ITransport, ITransport>? decorate,
        bool autoRegister)
    {
        var brokerOptions = new BrokerOptions();
        limits?.Invoke(brokerOptions);
        var settings = new MemorySettings();
        memory?.Invoke(settings);
        transport ??= new MemoryTransport("memory", settings, _clock, _meter, NullLogger.Instance);
        return new BrokerSetup
        {
            Transports = new Dictionary<string, ITransport>
            {
                ["memory"] = decorate?.Invoke(transport) ?? transport,
            },
            Routes = [new EventRoute { Events = "*", Transport = "memory", AutoRegister = autoRegister }],
            Authorizers = [Authorizer],
            Options = brokerOptions,
        };
    }
}
