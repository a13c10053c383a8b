using Microsoft.Extensions.Logging;

namespace EventBroker.Nats.Connections;

internal static partial class NatsLog
{
    [LoggerMessage(EventId = 4300, Level = LogLevel.Information, Message = "Connected to NATS at {Server}, version {Version}")]
    public static partial void Connected(ILogger logger, string server, string version);

    [LoggerMessage(EventId = 4301, Level = LogLevel.Warning, Message = "NATS at {Servers} is out of reach: {Reason}")]
    public static partial void OutOfReach(ILogger logger, string servers, string reason);

    [LoggerMessage(EventId = 4302, Level = LogLevel.Information, Message = "NATS is in reach again, at {Server}")]
    public static partial void InReach(ILogger logger, string server);

    [LoggerMessage(EventId = 4303, Level = LogLevel.Information, Message = "NATS at {Server} is about to stop (lame duck mode); the client looks for another server")]
    public static partial void LameDuck(ILogger logger, string server);

    [LoggerMessage(EventId = 4304, Level = LogLevel.Warning, Message = "NATS says: {Error}")]
    public static partial void ServerError(ILogger logger, string error);
}
