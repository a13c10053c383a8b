using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote;
using EventBroker.Transport.Remote.Settings;

[assembly: EventBrokerPlugin(typeof(RemoteTransportPlugin))]

namespace EventBroker.Transport.Remote;

/// <summary>Makes transports that forward to another broker.</summary>
public sealed class RemoteTransportPlugin : TransportPlugin<RemoteSettings>
{
    /// <inheritdoc/>
    protected override async ValueTask<ITransport> CreateAsync(
        RemoteSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        await ForwardingTransport.StartAsync(settings, context.TimeProvider, context.Logger, cancellationToken);
}
