using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Redis;

internal static partial class RedisLog
{
    [LoggerMessage(EventId = 4400, Level = LogLevel.Information, Message = "Uses Redis {Version} at {Address}, {Mode}, keys begin with '{Prefix}:'")]
    public static partial void Started(ILogger logger, Version version, string address, string mode, string prefix);

    [LoggerMessage(EventId = 4401, Level = LogLevel.Warning, Message = "Redis at {Address} does not take calls: {Reason}")]
    public static partial void OutOfReach(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 4402, Level = LogLevel.Information, Message = "Redis at {Address} takes calls again")]
    public static partial void InReach(ILogger logger, string address);

    [LoggerMessage(EventId = 4403, Level = LogLevel.Information, Message = "Redis at {Address} is not reachable; the broker starts without it")]
    public static partial void StartsWithout(ILogger logger, string address);

    [LoggerMessage(EventId = 4404, Level = LogLevel.Error,
        Message = "Redis has lost event '{EventName}' (restarted without its data, flushed or evicted); it was made anew, and its messages are gone")]
    public static partial void EventLost(ILogger logger, string eventName);

    [LoggerMessage(EventId = 4405, Level = LogLevel.Error,
        Message = "Redis has lost consumer group '{Group}' of event '{EventName}'; it was made anew behind {Position}, and what it had unsettled may be gone")]
    public static partial void GroupLost(ILogger logger, string eventName, string group, string position);

    [LoggerMessage(EventId = 4406, Level = LogLevel.Information,
        Message = "Took {Count} messages of event '{EventName}', group '{Group}', from a host that did not renew them")]
    public static partial void Reaped(ILogger logger, int count, string eventName, string group);

    [LoggerMessage(EventId = 4407, Level = LogLevel.Error, Message = "A subscriber of event '{EventName}' failed when it was signalled")]
    public static partial void SignalFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(EventId = 4408, Level = LogLevel.Error, Message = "Reading event '{EventName}' failed; it is tried again")]
    public static partial void ReadFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(EventId = 4409, Level = LogLevel.Error, Message = "Redis can't be used: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(EventId = 4410, Level = LogLevel.Warning, Message = "{Warning}")]
    public static partial void Warns(ILogger logger, string warning);
}
