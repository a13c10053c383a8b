using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;

[assembly: EventBrokerPlugin(typeof(MemoryTransportPlugin))]

namespace EventBroker.Transport.Memory;

/// <summary>Makes transports that keep events in memory.</summary>
public sealed class MemoryTransportPlugin : TransportPlugin<MemorySettings>
{
    /// <inheritdoc/>
    protected override ValueTask<ITransport> CreateAsync(
        MemorySettings settings, PluginContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ITransport>(
            new MemoryTransport(context.Name, settings, context.TimeProvider, context.Meter, context.Logger));
}
