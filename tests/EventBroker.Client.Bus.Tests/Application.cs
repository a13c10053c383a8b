using EventBroker.Client.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus.Tests;

// A program with handler classes, and the broker that it talks to.
internal sealed class Application : IAsyncDisposable
{
    private readonly IHost _host;

    private Application(TestBroker broker, IHost host, LogRecords log)
    {
        Broker = broker;
        _host = host;
        Log = log;
    }

    public TestBroker Broker { get; }

    public LogRecords Log { get; }

    public Wire Wire { get; private set; } = null!;

    public IServiceProvider Services => _host.Services;

    public Baskets Baskets => Services.GetRequiredService<Baskets>();

    public static async Task<Application> StartAsync(
        Action<EventBrokerClientBuilder> client, Action<IServiceCollection> services, bool isCut = false, int? maxRetries = null)
    {
        var broker = await TestBroker.StartAsync();
        var log = new LogRecords();
        Wire? wire = null;
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<Baskets>();
        services(builder.Services);
        client(builder.Services.AddEventBrokerClient(options =>
        {
            broker.Connect(options);
            options.HttpHandler = wire ??= new Wire(options.HttpHandler!) { IsCut = _ => isCut };
            options.Retry.MaxRetries = 0;
            options.Reconnect.FirstBackoff = options.Reconnect.LongestBackoff = TimeSpan.FromMilliseconds(1);
            options.Reconnect.MaxRetries = maxRetries;
        }));
        var application = new Application(broker, builder.Build(), log);
        try
        {
            await application._host.StartAsync();
            application.Wire = wire!;
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    public Task<string> PublishAsync(Order order) => new EventBus(Broker.Transport).Event<Order>("order.created").PublishAsync(order);

    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        await Broker.DisposeAsync();
    }
}
