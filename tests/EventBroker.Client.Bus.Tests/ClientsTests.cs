using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventBroker.Client.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventBroker.Client.Bus.Tests;

// Several brokers in one program, several types in one class, and options from configuration.
public class ClientsTests
{
    [Fact]
    public async Task Two_clients_have_their_own_brokers_handlers_and_options()
    {
        await using var shop = await TestBroker.StartAsync();
        await using var billing = await TestBroker.StartAsync();
        var seen = new Seen();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(seen);
        builder.Services.AddEventBrokerClient(shop.Connect).AddHandler<Both, Order>("order.created");
        builder.Services.AddEventBrokerClient("billing", billing.Connect)
            .ConfigureBus(static options => options.Use(static (context, next) => next(context)))
            .AddHandler<Both, Invoice>("invoice.sent", static options => options.Subscription.WorkerGroup = "g");
        builder.Services.AddHealthChecks().AddEventBrokerClient().AddEventBrokerClient("billing", clientName: "billing");
        using var host = builder.Build();
        await host.StartAsync();

        var invoices = host.Services.GetRequiredKeyedService<EventBus>("billing").Event<Invoice>("invoice.sent");
        await billing.WhenAckedAsync(await invoices.PublishAsync(new Invoice("i-1")));
        var orders = host.Services.GetRequiredService<EventBus>().Event<Order>("order.created");
        await shop.WhenAckedAsync(await orders.PublishAsync(new Order(1)));

        Assert.Equal(["invoice i-1", "order 1"], seen.All);
        Assert.Equal(["order.created"], await shop.Transport.ListAsync());
        Assert.Equal(["invoice.sent"], await billing.Transport.ListAsync());
        Assert.NotSame(host.Services.GetRequiredService<RemoteTransport>(), host.Services.GetRequiredKeyedService<RemoteTransport>("billing"));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal((HealthStatus.Healthy, 2), (report.Status, report.Entries.Count));
        await host.StopAsync();
    }

    [Fact]
    public async Task Faulty_options_of_a_named_client_stop_the_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddEventBrokerClient("billing", static options => options.MaxMessageBytes = 1);
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("MaxMessageBytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_a_handler_come_from_configuration_and_code_has_the_last_word()
    {
        await using var broker = await TestBroker.StartAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Subscription:WorkerGroup"] = "from configuration",
            ["Subscription:AckTimeout"] = "00:00:07",
            ["MaxAttempts"] = "3",
            ["Concurrency"] = "5",
            ["Retry:MaxRetries"] = "2",
        }).Build();
        HandlerOptions? configured = null;
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(new Seen());
        builder.Services.Configure<HandlerOptions>("order.created", configuration);
        builder.Services.AddEventBrokerClient(broker.Connect).AddHandler<Both, Order>("order.created", options =>
        {
            configured = options;
            options.Concurrency = 1;
        });
        using var host = builder.Build();
        await host.StartAsync();

        Assert.Equal(
            ("from configuration", TimeSpan.FromSeconds(7), 3, 1, 2),
            (configured!.Subscription.WorkerGroup, configured.Subscription.AckTimeout, configured.MaxAttempts, configured.Concurrency, configured.Retry.MaxRetries));
        await host.StopAsync();
    }

    [Fact]
    public async Task Measurements_tell_brokers_apart_by_their_address()
    {
        await using var broker = await TestBroker.StartAsync(new TestBrokerOptions { Events = ["e"] });
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var ports = new ConcurrentDictionary<string, object?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == EventBrokerTelemetry.MeterName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        var options = new RemoteTransportOptions();
        broker.Connect(options);
        options.Address = new Uri("http://broker.example:1234");
        await using var transport = new RemoteTransport(options, meterFactory: meters);
        var orders = new EventBus(transport).Event<Order>("e");
        await using (await orders.SubscribeAsync(static (_, _) => Task.CompletedTask))
        {
            await broker.WhenAckedAsync(await orders.PublishAsync(new Order(1)));
        }

        listener.RecordObservableInstruments();
        Assert.Equal(6, ports.Count);
        Assert.All(ports.Values, static port => Assert.Equal("broker.example 1234", port));

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value);
            ports[instrument.Name] = $"{all.GetValueOrDefault("server.address")} {all.GetValueOrDefault("server.port")}";
        }
    }

    private sealed record Invoice(string Number);

    private sealed class Seen
    {
        public ConcurrentQueue<string> All { get; } = new();
    }

    // One class for the events of an order.
    private sealed class Both(Seen seen) : IEventHandler<Order>, IEventHandler<Invoice>
    {
        public Task HandleAsync(Order value, EventContext context)
        {
            seen.All.Enqueue($"order {value.Number}");
            return Task.CompletedTask;
        }

        public Task HandleAsync(Invoice value, EventContext context)
        {
            seen.All.Enqueue($"invoice {value.Number}");
            return Task.CompletedTask;
        }
    }
}
