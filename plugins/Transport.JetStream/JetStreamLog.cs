using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.JetStream;

internal static partial class JetStreamLog
{
    [LoggerMessage(EventId = 4320, Level = LogLevel.Warning,
        Message = "The consumer '{Consumer}' of stream '{Stream}' was removed by somebody else; its subscriptions end, and the next one makes it anew")]
    public static partial void ConsumerRemoved(ILogger logger, string consumer, string stream);

    [LoggerMessage(EventId = 4321, Level = LogLevel.Warning, Message = "The stream of event '{EventName}' was removed by somebody else; its subscriptions end")]
    public static partial void StreamRemoved(ILogger logger, string eventName);

    [LoggerMessage(EventId = 4322, Level = LogLevel.Warning, Message = "The event '{EventName}' can't be read on just now: {Reason}")]
    public static partial void ReadingFailed(ILogger logger, string eventName, string reason);
}
