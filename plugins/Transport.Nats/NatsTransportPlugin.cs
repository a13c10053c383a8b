using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats;
using EventBroker.Transport.Nats.Settings;

[assembly: EventBrokerPlugin(typeof(NatsTransportPlugin))]

namespace EventBroker.Transport.Nats;

/// <summary>Makes transports that carry events over NATS.</summary>
public sealed class NatsTransportPlugin : TransportPlugin<NatsTransportSettings>
{
    /// <inheritdoc/>
    protected override async ValueTask<ITransport> CreateAsync(
        NatsTransportSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        await NatsTransport.StartAsync(context.Name, settings, context.TimeProvider, context.Meter, context.Logger, cancellationToken);
}
