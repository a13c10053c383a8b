using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Plugins;

/// <summary>A plugin that makes authorizers.</summary>
public interface IAuthorizerPlugin : IPlugin
{
    /// <summary>Makes and starts an authorizer; if it can be disposed, disposing stops it.</summary>
    /// <param name="settings">The validated settings, an instance of <see cref="IPlugin.SettingsType"/>.</param>
    /// <param name="context">The instance's surroundings.</param>
    /// <param name="cancellationToken">The host gives up waiting.</param>
    /// <returns>The authorizer.</returns>
    ValueTask<IAuthorizer> CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken);
}
