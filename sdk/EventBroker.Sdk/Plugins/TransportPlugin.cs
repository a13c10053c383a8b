using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make transports, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class TransportPlugin<TSettings> : Plugin<TSettings>, ITransportPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    ValueTask<ITransport> ITransportPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="ITransportPlugin.CreateAsync"/>
    protected abstract ValueTask<ITransport> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
