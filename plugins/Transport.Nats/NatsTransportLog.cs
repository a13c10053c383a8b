using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Nats;

internal static partial class NatsTransportLog
{
    [LoggerMessage(EventId = 4340, Level = LogLevel.Information,
        Message = "No JetStream for the bucket '{Bucket}' ({Reason}): events can't be registered, and only those of the setting events are there")]
    public static partial void NoBucket(ILogger logger, string bucket, string reason);

    [LoggerMessage(EventId = 4341, Level = LogLevel.Warning, Message = "The bucket '{Bucket}' can't be followed just now: {Reason}")]
    public static partial void BucketLost(ILogger logger, string bucket, string reason);
}
