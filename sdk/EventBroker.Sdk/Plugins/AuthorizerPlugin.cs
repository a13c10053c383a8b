using EventBroker.Sdk.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make authorizers, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class AuthorizerPlugin<TSettings> : IAuthorizerPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    public Type SettingsType => typeof(TSettings);

    /// <inheritdoc/>
    void IPlugin.ConfigureServices(IServiceCollection services, object settings) =>
        ConfigureServices(services, (TSettings)settings);

    /// <inheritdoc/>
    ValueTask<IAuthorizer> IAuthorizerPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="IPlugin.ConfigureServices"/>
    protected virtual void ConfigureServices(IServiceCollection services, TSettings settings)
    {
    }

    /// <inheritdoc cref="IAuthorizerPlugin.CreateAsync"/>
    protected abstract ValueTask<IAuthorizer> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
