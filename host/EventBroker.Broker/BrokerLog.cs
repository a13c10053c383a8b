using System.Net;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker;

/// <summary>What the core logs; event ids 100 to 199.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(100, LogLevel.Information, "Denied {Operation} of '{EventName}' over {Protocol} from {Address}: {Reason}")]
    public static partial void Denied(
        ILogger logger, string operation, string eventName, string protocol, IPAddress? address, string reason);

    [LoggerMessage(101, LogLevel.Debug, "A delivery of '{EventName}' passed its ack deadline and is delivered again (retry {Retry})")]
    public static partial void AckDeadlinePassed(ILogger logger, string eventName, int retry);

    [LoggerMessage(102, LogLevel.Error, "The transport of '{EventName}' failed while a subscription was settled or closed; unsettled messages come again when its own time is up")]
    public static partial void SettlementFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(103, LogLevel.Warning, "Transport '{Transport}' did not answer its health check")]
    public static partial void HealthCheckFailed(ILogger logger, Exception exception, string transport);

    [LoggerMessage(104, LogLevel.Information, "Draining: {Subscriptions} subscriptions are told to come back later")]
    public static partial void Draining(ILogger logger, int subscriptions);

    [LoggerMessage(105, LogLevel.Warning, "An interceptor failed on a delivery of '{EventName}'; the message is delivered again after a pause, unless it is auto-acked")]
    public static partial void DeliverInterceptorFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(106, LogLevel.Warning, "An interceptor failed on a settlement of '{EventName}'; the message stays in flight")]
    public static partial void SettleInterceptorFailed(ILogger logger, Exception exception, string eventName);
}
