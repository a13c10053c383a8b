using System.Diagnostics.Metrics;
using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBroker.PluginHosting;

// A running instance with the service provider and meter that are its own.
internal sealed class PluginInstance : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Meter _meter;

    private PluginInstance(PlannedInstance plan, ServiceProvider services, Meter meter)
    {
        Plan = plan;
        _services = services;
        _meter = meter;
    }

    public PlannedInstance Plan { get; }

    // An ITransport, IAuthorizer or IInterceptor.
    public object Product { get; private set; } = null!;

    public static async Task<PluginInstance> CreateAsync(
        PlannedInstance plan, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var manifest = plan.Plugin.Folder.Manifest;
        var meter = new Meter(new MeterOptions($"EventBroker.Plugin.{manifest.Id}")
        {
            Version = manifest.Version,
            Tags = [new("instance", plan.Name)],
        });
        var services = new ServiceCollection()
            .AddSingleton(loggerFactory)
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddSingleton(meter)
            .AddSingleton(timeProvider);
        PluginInstance? instance = null;
        try
        {
            plan.Plugin.Plugin.ConfigureServices(services, plan.Settings);
            instance = new PluginInstance(plan, services.BuildServiceProvider(validateScopes: true), meter);
            instance.Product = await instance.CreateProductAsync(timeProvider, loggerFactory, cancellationToken);
            return instance;
        }
        catch
        {
            if (instance is null)
            {
                meter.Dispose();
            }
            else
            {
                await instance.DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Product is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (Product as IDisposable)?.Dispose();
            }
        }
        finally
        {
            await _services.DisposeAsync();
            _meter.Dispose();
        }
    }

    private async Task<object> CreateProductAsync(TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var context = new PluginContext
        {
            Name = Plan.Name,
            Directory = Plan.Plugin.Folder.Directory,
            Services = _services,
            Logger = loggerFactory.CreateLogger($"EventBroker.Plugin.{Plan.Plugin.Folder.Id}.{Plan.Name}"),
            Meter = _meter,
            TimeProvider = timeProvider,
        };
        object? product = Plan.Plugin.Plugin switch
        {
            ITransportPlugin plugin when Plan.Kind == PluginKind.Transport => await plugin.CreateAsync(Plan.Settings, context, cancellationToken),
            IAuthorizerPlugin plugin when Plan.Kind == PluginKind.Authorizer => await plugin.CreateAsync(Plan.Settings, context, cancellationToken),
            IInterceptorPlugin plugin => await plugin.CreateAsync(Plan.Settings, context, cancellationToken),
            _ => null,
        };
        return product ?? throw new InvalidOperationException("the plugin returned null in place of an instance");
    }
}
