using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Plugins;

/// <summary>The base class of plugins that make authorizers, with typed settings.</summary>
/// <typeparam name="TSettings">The settings class, see <see cref="IPlugin.SettingsType"/>.</typeparam>
public abstract class AuthorizerPlugin<TSettings> : Plugin<TSettings>, IAuthorizerPlugin
    where TSettings : class, new()
{
    /// <inheritdoc/>
    ValueTask<IAuthorizer> IAuthorizerPlugin.CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken) =>
        CreateAsync((TSettings)settings, context, cancellationToken);

    /// <inheritdoc cref="IAuthorizerPlugin.CreateAsync"/>
    protected abstract ValueTask<IAuthorizer> CreateAsync(
        TSettings settings, PluginContext context, CancellationToken cancellationToken);
}
