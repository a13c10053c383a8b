using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka;
using EventBroker.Transport.Kafka.Settings;

[assembly: EventBrokerPlugin(typeof(KafkaTransportPlugin))]

namespace EventBroker.Transport.Kafka;

/// <summary>Makes transports that keep events in Kafka.</summary>
public sealed class KafkaTransportPlugin : TransportPlugin<KafkaSettings>
{
    /// <inheritdoc/>
    protected override async ValueTask<ITransport> CreateAsync(
        KafkaSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        await KafkaTransport.StartAsync(
            context.Name, settings, context.TimeProvider, context.Meter, context.Logger, admin: null, cancellationToken);
}
