using System.Net;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker;

/// <summary>What the core logs; event ids 100 to 199.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(100, LogLevel.Information, "Denied {Operation} of '{EventName}' over {Protocol} from {Address}: {Reason}")]
    public static partial void Denied(
        ILogger logger, string operation, string eventName, string protocol, IPAddress? address, string reason);

    [LoggerMessage(118, LogLevel.Warning, "Consumer id '{ConsumerId}' of '{EventName}' is used by two clients: the one from {Loser} has lost it to one from {Holder} and was refused when it came back. Each needs an id of its own; this is said once")]
    public static partial void ConsumerIdShared(ILogger logger, string consumerId, string eventName, IPAddress? loser, IPAddress? holder);

    [LoggerMessage(117, LogLevel.Warning, "{Count} denials were not logged: only {Lines} are in {Period}")]
    public static partial void DenialsLeftOut(ILogger logger, long count, int lines, TimeSpan period);

    [LoggerMessage(101, LogLevel.Debug, "A delivery of '{EventName}' passed its ack deadline and is delivered again (retry {Retry})")]
    public static partial void AckDeadlinePassed(ILogger logger, string eventName, int retry);

    [LoggerMessage(102, LogLevel.Error, "Transport '{Transport}' does not take settlements: {Reason}. They are tried again; this is said once, and once a minute while it lasts ({Failures} so far)")]
    public static partial void SettlementsFail(ILogger logger, string transport, string reason, long failures);

    [LoggerMessage(107, LogLevel.Information, "Transport '{Transport}' takes settlements again, after {Failures} failures")]
    public static partial void SettlementsWork(ILogger logger, string transport, long failures);

    [LoggerMessage(108, LogLevel.Debug, "Transport '{Transport}' failed on a settlement")]
    public static partial void SettlementFailure(ILogger logger, Exception exception, string transport);

    [LoggerMessage(109, LogLevel.Error, "A subscription of '{EventName}' was left by its transport while it closed; what it held comes again by the backend's own means")]
    public static partial void CloseFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(110, LogLevel.Warning, "A subscription of '{EventName}' from {Address} takes no more: cut after {Reason}; its messages go back")]
    public static partial void StreamCut(ILogger logger, string eventName, IPAddress? address, string reason);

    [LoggerMessage(111, LogLevel.Warning, "A worker of '{EventName}', group '{WorkerGroup}', from {Address} has let {Rounds} deadlines pass without a word; it gets nothing until it settles or extends something")]
    public static partial void MemberSilent(ILogger logger, string eventName, string workerGroup, IPAddress? address, int rounds);

    [LoggerMessage(112, LogLevel.Error, "A message of '{EventName}' at {Position} has {Length} bytes and can't be delivered: {Largest} are allowed. It is passed over and told as missed")]
    public static partial void Undeliverable(ILogger logger, string eventName, string position, int length, int largest);

    [LoggerMessage(113, LogLevel.Warning, "{Count} deliveries of '{EventName}' were taken away by transport '{Transport}'")]
    public static partial void LeasesLost(ILogger logger, int count, string eventName, string transport);

    [LoggerMessage(114, LogLevel.Warning, "Reading for a subscriber of '{EventName}' stands still: {Span} messages lie behind one that is unsettled, the most that transport '{Transport}' allows")]
    public static partial void SpanFull(ILogger logger, string eventName, int span, string transport);

    [LoggerMessage(115, LogLevel.Debug, "Transport '{Transport}' could not renew what is held for '{EventName}'")]
    public static partial void RenewalFailed(ILogger logger, Exception exception, string transport, string eventName);

    [LoggerMessage(116, LogLevel.Error, "Publishing {Count} messages to '{EventName}' failed in a way that nobody foresaw")]
    public static partial void PublishFailed(ILogger logger, Exception exception, int count, string eventName);

    [LoggerMessage(103, LogLevel.Warning, "Transport '{Transport}' did not answer its health check")]
    public static partial void HealthCheckFailed(ILogger logger, Exception exception, string transport);

    [LoggerMessage(104, LogLevel.Information, "Draining: {Subscriptions} subscriptions are told to come back later")]
    public static partial void Draining(ILogger logger, int subscriptions);

    [LoggerMessage(105, LogLevel.Warning, "An interceptor failed on a delivery of '{EventName}'; the message is delivered again after a pause, unless it is auto-acked")]
    public static partial void DeliverInterceptorFailed(ILogger logger, Exception exception, string eventName);

    [LoggerMessage(106, LogLevel.Warning, "An interceptor failed on a settlement of '{EventName}'; the message stays in flight")]
    public static partial void SettleInterceptorFailed(ILogger logger, Exception exception, string eventName);
}
