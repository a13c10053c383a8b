using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote;

internal static partial class RemoteLog
{
    [LoggerMessage(EventId = 4200, Level = LogLevel.Information, Message = "Forwards to {Address}, which says: {Status}")]
    public static partial void Started(ILogger logger, string address, string status);

    [LoggerMessage(EventId = 4201, Level = LogLevel.Warning,
        Message = "{Address} does not tell what its transports can do: relying on broadcast and worker groups without replay")]
    public static partial void CapabilitiesUnknown(ILogger logger, string address);

    [LoggerMessage(EventId = 4202, Level = LogLevel.Information, Message = "{Address} does not answer yet: {Reason}")]
    public static partial void Waiting(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 4206, Level = LogLevel.Warning, Message = "{Address} is out of reach: {Reason}")]
    public static partial void OutOfReach(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 4207, Level = LogLevel.Information, Message = "{Address} is in reach again")]
    public static partial void InReach(ILogger logger, string address);

    [LoggerMessage(EventId = 4205, Level = LogLevel.Error, Message = "A subscription to '{EventName}' has ended")]
    public static partial void SubscriptionFailed(ILogger logger, Exception exception, string eventName);
}
