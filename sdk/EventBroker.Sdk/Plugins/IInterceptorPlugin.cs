using EventBroker.Sdk.Interception;

namespace EventBroker.Sdk.Plugins;

/// <summary>A plugin that makes interceptors.</summary>
public interface IInterceptorPlugin : IPlugin
{
    /// <summary>Makes and starts an interceptor; if it can be disposed, disposing stops it.</summary>
    /// <param name="settings">The validated settings, an instance of <see cref="IPlugin.SettingsType"/>.</param>
    /// <param name="context">The instance's surroundings.</param>
    /// <param name="cancellationToken">The host gives up waiting.</param>
    /// <returns>The interceptor.</returns>
    ValueTask<IInterceptor> CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken);
}
