using EventBroker.Sdk.Interception;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make interceptors, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class InterceptorPlugin<TSettings> : Plugin<TSettings>, IInterceptorPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    ValueTask<IInterceptor> IInterceptorPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="IInterceptorPlugin.CreateAsync"/>
    protected abstract ValueTask<IInterceptor> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
