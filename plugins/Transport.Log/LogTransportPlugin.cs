using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Log;

[assembly: EventBrokerPlugin(typeof(LogTransportPlugin))]

namespace EventBroker.Transport.Log;

/// <summary>Makes transports that keep events in a log on the local disk.</summary>
public sealed class LogTransportPlugin : TransportPlugin<LogSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<ITransport> CreateAsync(
        LogSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ITransport>(
            LogTransport.Open(context.Name, settings, context.TimeProvider, context.Meter, context.Logger));
}
