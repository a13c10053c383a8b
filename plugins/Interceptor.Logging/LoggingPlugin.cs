using EventBroker.Interceptor.Logging;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Plugins;

[assembly: EventBrokerPlugin(typeof(LoggingPlugin))]

namespace EventBroker.Interceptor.Logging;

/// <summary>Makes interceptors that write a line for each message that passes.</summary>
public sealed class LoggingPlugin : InterceptorPlugin<LoggingSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<IInterceptor> CreateAsync(LoggingSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        new(new LoggingInterceptor(settings, context.Logger, context.TimeProvider));
}
