using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Sdk.Plugins;

/// <summary>What the base classes of all kinds of plugins share: typed settings and services of the plugin's own.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class Plugin<TSettings> : IPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    public Type SettingsType => typeof(TSettings);

    /// <inheritdoc/>
    void IPlugin.ConfigureServices(IServiceCollection services, object settings) =>
        ConfigureServices(services, (TSettings)settings);

    /// <inheritdoc cref="IPlugin.ConfigureServices"/>
    protected virtual void ConfigureServices(IServiceCollection services, TSettings settings)
    {
    }
}
