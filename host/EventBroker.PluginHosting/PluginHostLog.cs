using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.Logging;

namespace EventBroker.PluginHosting;

internal static partial class PluginHostLog
{
    [LoggerMessage(EventId = 2000, Level = LogLevel.Debug, Message = "Plugin {Plugin} {Version} runs as {Instance}")]
    public static partial void Started(ILogger logger, string plugin, string version, string instance);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "Plugin {Plugin} is not configured and could not be used, state {State}: {Reason}")]
    public static partial void NotUsable(ILogger logger, string plugin, PluginState state, string reason);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Plugin {Plugin} failed to stop {Instance}")]
    public static partial void StopFailed(ILogger logger, Exception exception, string plugin, string instance);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "Plugin {Plugin} did not stop {Instance} within pluginTimeout ({Timeout}); the process ends without it")]
    public static partial void StopTimedOut(ILogger logger, string plugin, string instance, TimeSpan timeout);
}
