using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream;
using EventBroker.Transport.JetStream.Settings;

[assembly: EventBrokerPlugin(typeof(JetStreamTransportPlugin))]

namespace EventBroker.Transport.JetStream;

/// <summary>Makes transports that keep events in NATS JetStream.</summary>
public sealed class JetStreamTransportPlugin : TransportPlugin<JetStreamSettings>
{
    /// <inheritdoc/>
    protected override async ValueTask<ITransport> CreateAsync(
        JetStreamSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        await JetStreamTransport.StartAsync(
            context.Name, settings, context.TimeProvider, context.Meter, context.Logger, cancellationToken);
}
