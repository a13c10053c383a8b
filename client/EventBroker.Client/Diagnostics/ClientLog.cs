using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Diagnostics;

internal static partial class ClientLog
{
    [LoggerMessage(5000, LogLevel.Debug, "The connection is {State}, it was {Previous}.")]
    public static partial void StateChanged(ILogger logger, ConnectionState previous, ConnectionState state);

    [LoggerMessage(5001, LogLevel.Error, "The callback {Callback} has failed.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception, string callback);

    [LoggerMessage(5002, LogLevel.Debug, "Retry {Retry} of a call in {Delay}: {Reason}")]
    public static partial void Retrying(ILogger logger, int retry, TimeSpan delay, string? reason);

    [LoggerMessage(5003, LogLevel.Warning, "The circuit is open for {RecoveryTime}: the broker kept failing.")]
    public static partial void CircuitOpened(ILogger logger, TimeSpan recoveryTime);

    [LoggerMessage(5004, LogLevel.Information, "The circuit is closed again.")]
    public static partial void CircuitClosed(ILogger logger);

    [LoggerMessage(5005, LogLevel.Debug, "Publishes do not share a call, each has its own: {Reason}")]
    public static partial void NoPublishStream(ILogger logger, string reason);

    [LoggerMessage(5010, LogLevel.Debug, "Subscribed to {Event}, reconnect {Reconnects}, resumed: {Resume}.")]
    public static partial void Subscribed(ILogger logger, string @event, int reconnects, ResumeOutcome resume);

    [LoggerMessage(5011, LogLevel.Warning, "Messages of {Event} were lost while the subscription was cut off.")]
    public static partial void ResumedWithLoss(ILogger logger, string @event);

    [LoggerMessage(5012, LogLevel.Warning, "The stream of {Event} is not open ({Reason}); again in {Delay}, and until it is.")]
    public static partial void Reconnecting(ILogger logger, string @event, TimeSpan delay, string reason);

    [LoggerMessage(5015, LogLevel.Debug, "The stream of {Event} is not open after {Failures} failures in a row ({Reason}); again in {Delay}.")]
    public static partial void StillReconnecting(ILogger logger, string @event, int failures, TimeSpan delay, string reason);

    [LoggerMessage(5016, LogLevel.Information, "The stream of {Event} is open after {Failures} failures in a row.")]
    public static partial void Reconnected(ILogger logger, string @event, int failures);

    [LoggerMessage(5013, LogLevel.Error, "The subscription to {Event} has ended after {Failures} failures in a row; nothing comes over it any more.")]
    public static partial void SubscriptionFailed(ILogger logger, Exception exception, string @event, int failures);

    [LoggerMessage(5014, LogLevel.Warning, "A message of {Event} stays unsettled while {Limit} after it were settled: after a reconnect it does not come again.")]
    public static partial void LeftBehind(ILogger logger, string @event, int limit);

    [LoggerMessage(5017, LogLevel.Information, "The subscription to {Event} asks for {Wanted} messages in flight; the broker allows {Allowed}, and that is what it has.")]
    public static partial void InFlightLimited(ILogger logger, string @event, int wanted, int allowed);

    [LoggerMessage(5111, LogLevel.Warning, "Message {Id} of {Event} could not be extended: {Result}. It may come again meanwhile.")]
    public static partial void NotExtended(ILogger logger, string id, string @event, SettleResult result);

    [LoggerMessage(5112, LogLevel.Information, "The server knows no extensions: a message of {Event} whose handler takes longer than the ack timeout comes again meanwhile.")]
    public static partial void ExtensionUnsupported(ILogger logger, string @event);

    [LoggerMessage(5018, LogLevel.Warning, "Message {Id} of {Event} was lost to its handler: {Why}. The handler is told to stop, and the message comes again.")]
    public static partial void LeaseLost(ILogger logger, string id, string @event, string why);

    [LoggerMessage(5019, LogLevel.Error, "Message {Id} of {Event} has {Size} bytes, and {Limit} are taken: it is left out, and comes again later and later unless another subscriber takes it. Raise MaxMessageBytes.")]
    public static partial void LeftOut(ILogger logger, string id, string @event, int size, int limit);

    [LoggerMessage(5020, LogLevel.Warning, "{Count} settlements could not be sent ({Reason}); unless they had arrived, their messages come again.")]
    public static partial void SettlementFailed(ILogger logger, Exception? exception, int count, string reason);

    [LoggerMessage(5021, LogLevel.Warning, "{Count} settlements were not answered within {Timeout} when they had to be; unless they arrive, their messages come again.")]
    public static partial void ClosedUnanswered(ILogger logger, int count, TimeSpan timeout);
}
