using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Plugins;

/// <summary>A plugin that makes transports. One instance serves every transport in <c>plugins.json</c> that names the plugin.</summary>
public interface ITransportPlugin : IPlugin
{
    /// <summary>Makes and starts a transport; disposing the transport stops it.</summary>
    /// <param name="settings">The validated settings, an instance of <see cref="IPlugin.SettingsType"/>.</param>
    /// <param name="context">The instance's surroundings.</param>
    /// <param name="cancellationToken">The host gives up waiting.</param>
    /// <returns>The running transport.</returns>
    ValueTask<ITransport> CreateAsync(object settings, PluginContext context, CancellationToken cancellationToken);
}
