using EventBroker.Sdk.Interception;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make interceptors, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class InterceptorPlugin<TSettings> : IInterceptorPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    public Type SettingsType => typeof(TSettings);

    /// <inheritdoc/>
    void IPlugin.ConfigureServices(IServiceCollection services, object settings) =>
        ConfigureServices(services, (TSettings)settings);

    /// <inheritdoc/>
    ValueTask<IInterceptor> IInterceptorPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="IPlugin.ConfigureServices"/>
    protected virtual void ConfigureServices(IServiceCollection services, TSettings settings)
    {
    }

    /// <inheritdoc cref="IInterceptorPlugin.CreateAsync"/>
    protected abstract ValueTask<IInterceptor> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
