using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis;
using EventBroker.Transport.Redis.Settings;

[assembly: EventBrokerPlugin(typeof(RedisTransportPlugin))]

namespace EventBroker.Transport.Redis;

/// <summary>Makes transports that keep events in Redis.</summary>
public sealed class RedisTransportPlugin : TransportPlugin<RedisSettings>
{
    /// <inheritdoc/>
    protected override async ValueTask<ITransport> CreateAsync(
        RedisSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        await RedisTransport.StartAsync(
            context.Name, settings, context.TimeProvider, context.Meter, context.Logger, cancellationToken);
}
