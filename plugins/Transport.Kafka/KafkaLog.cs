using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka;

internal static partial class KafkaLog
{
    [LoggerMessage(EventId = 4600, Level = LogLevel.Information, Message = "Uses Kafka at {Address}, {Brokers} brokers, topics begin with '{Prefix}'")]
    public static partial void Started(ILogger logger, string address, int brokers, string prefix);

    [LoggerMessage(EventId = 4601, Level = LogLevel.Warning, Message = "Kafka at {Address} does not take calls: {Reason}")]
    public static partial void OutOfReach(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 4602, Level = LogLevel.Information, Message = "Kafka at {Address} takes calls again")]
    public static partial void InReach(ILogger logger, string address);

    [LoggerMessage(EventId = 4603, Level = LogLevel.Information, Message = "Kafka at {Address} is not reachable; the broker starts without it")]
    public static partial void StartsWithout(ILogger logger, string address);

    [LoggerMessage(EventId = 4604, Level = LogLevel.Debug, Message = "librdkafka {Client} {Facility}: {Text}")]
    public static partial void Client(ILogger logger, string client, string facility, string text);

    [LoggerMessage(EventId = 4605, Level = LogLevel.Error, Message = "A subscriber of event '{EventName}' failed when it was signalled")]
    public static partial void SignalFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(EventId = 4606, Level = LogLevel.Warning, Message = "Reading event '{EventName}' failed; it is tried again: {Reason}")]
    public static partial void ReadFailed(ILogger logger, string eventName, string reason);

    [LoggerMessage(EventId = 4607, Level = LogLevel.Information,
        Message = "Group '{Group}' of event '{EventName}': this host reads partitions {Partitions}")]
    public static partial void Assigned(ILogger logger, string group, string eventName, string partitions);

    [LoggerMessage(EventId = 4608, Level = LogLevel.Warning,
        Message = "Group '{Group}' of event '{EventName}': this host has lost partitions {Partitions}, and {Held} messages that it held")]
    public static partial void Lost(ILogger logger, string group, string eventName, string partitions, int held);

    [LoggerMessage(EventId = 4609, Level = LogLevel.Warning,
        Message = "Group '{Group}' of event '{EventName}': partition {Partition} is paused, since the message at offset {Offset} is not settled and {Span} are behind it")]
    public static partial void SpanFull(ILogger logger, string group, string eventName, int partition, long offset, long span);

    [LoggerMessage(EventId = 4610, Level = LogLevel.Warning, Message = "The token in {Path} can't be used: {Reason}")]
    public static partial void TokenRefused(ILogger logger, string path, string reason);

    [LoggerMessage(EventId = 4611, Level = LogLevel.Error, Message = "The producer can't go on and is made anew: {Reason}")]
    public static partial void ProducerRebuilt(ILogger logger, string reason);

    [LoggerMessage(EventId = 4612, Level = LogLevel.Warning,
        Message = "This host stood still for {Seconds} s, longer than its session with Kafka; what it held may be another host's")]
    public static partial void StoodStill(ILogger logger, double seconds);

    [LoggerMessage(EventId = 4614, Level = LogLevel.Information,
        Message = "Group '{Group}' of event '{EventName}': reading of partition {Partition} went back to offset {Offset}; what stands before {Next} was read and is passed over")]
    public static partial void Rewound(ILogger logger, string group, string eventName, int partition, long offset, long next);

    [LoggerMessage(EventId = 4613, Level = LogLevel.Error, Message = "Group '{Group}' of event '{EventName}' failed; it is opened anew by whoever subscribes")]
    public static partial void PlaceFailed(ILogger logger, Exception exception, string group, string eventName);
}
