using EventBroker.Sdk.Transports;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make transports, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class TransportPlugin<TSettings> : ITransportPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    public Type SettingsType => typeof(TSettings);

    /// <inheritdoc/>
    void IPlugin.ConfigureServices(IServiceCollection services, object settings) =>
        ConfigureServices(services, (TSettings)settings);

    /// <inheritdoc/>
    ValueTask<ITransport> ITransportPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="IPlugin.ConfigureServices"/>
    protected virtual void ConfigureServices(IServiceCollection services, TSettings settings)
    {
    }

    /// <inheritdoc cref="ITransportPlugin.CreateAsync"/>
    protected abstract ValueTask<ITransport> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
