using System.Numerics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

internal static partial class BusLog
{
    /// <summary>The level at which an attempt of a message is told that may come round for days: all that is said again and again says nothing. The
    /// first one, and then with each doubling, is enough to know that it goes on.</summary>
    public static LogLevel OfAttempt(Delivery delivery, LogLevel level) =>
        delivery.RetryCount == 0 || BitOperations.IsPow2(delivery.RetryCount) ? level : LogLevel.Debug;

    /// <summary>Where a failure came from is told once.</summary>
    public static Exception? OfAttempt(Delivery delivery, Exception exception) => delivery.RetryCount == 0 ? exception : null;

    [LoggerMessage(EventId = 5100, Message = "Handling message {Id} of {Event} has failed (retry count {RetryCount}): {Reason}; it comes again in {Delay}.")]
    public static partial void HandlingFailed(
        ILogger logger, LogLevel level, Exception? exception, string id, string @event, int retryCount, string reason, TimeSpan delay);

    [LoggerMessage(5101, LogLevel.Error, "Handling message {Id} of {Event} has failed; the subscription asked for auto-ack, so it does not come again.")]
    public static partial void HandlingFailedForGood(ILogger logger, Exception exception, string id, string @event);

    [LoggerMessage(EventId = 5102, Message = "Handling message {Id} of {Event} has taken more than {Timeout} (retry count {RetryCount}); it comes again in {Delay}.")]
    public static partial void HandlingTimedOut(
        ILogger logger, LogLevel level, Exception? exception, string id, string @event, TimeSpan timeout, int retryCount, TimeSpan delay);

    [LoggerMessage(5103, LogLevel.Information, "Handling message {Id} of {Event} was cancelled because its subscription stops; the message comes again.")]
    public static partial void HandlingCanceled(ILogger logger, string id, string @event);

    [LoggerMessage(EventId = 5104, Message = "Message {Id} of {Event} can't be decoded: {Reason}. It is given back and comes again in {Delay}.")]
    public static partial void UndecodableNacked(ILogger logger, LogLevel level, Exception? exception, string id, string @event, string reason, TimeSpan delay);

    [LoggerMessage(5105, LogLevel.Warning, "Message {Id} of {Event} can't be decoded: {Reason}. It was published to {DeadLetterEvent}.")]
    public static partial void UndecodableDeadLettered(
        ILogger logger, Exception exception, string id, string @event, string reason, string deadLetterEvent);

    [LoggerMessage(5106, LogLevel.Warning, "Message {Id} of {Event} can't be decoded: {Reason}. It was dropped.")]
    public static partial void UndecodableDropped(ILogger logger, Exception exception, string id, string @event, string reason);

    [LoggerMessage(5107, LogLevel.Error, "Message {Id} of {Event} could not be published to {DeadLetterEvent}; it comes again in {Delay}. Until one can be, further failures are counted and not logged as errors.")]
    public static partial void DeadLetterFailed(
        ILogger logger, Exception exception, string id, string @event, string deadLetterEvent, TimeSpan delay);

    [LoggerMessage(5108, LogLevel.Debug, "Message {Id} of {Event} could not be published to {DeadLetterEvent} either; it comes again in {Delay}.")]
    public static partial void DeadLetterFailedAgain(
        ILogger logger, Exception exception, string id, string @event, string deadLetterEvent, TimeSpan delay);

    [LoggerMessage(5109, LogLevel.Warning, "Message {Id} of {Event} was published to {DeadLetterEvent} without its reason, for which there was no room: {Reason}")]
    public static partial void DeadLetterCut(ILogger logger, string id, string @event, string deadLetterEvent, string reason);

    [LoggerMessage(5116, LogLevel.Error, "Message {Id} of {Event} has failed in {Attempts} attempts and was published to {DeadLetterEvent}.")]
    public static partial void GivenUp(ILogger logger, Exception? exception, string id, string @event, int attempts, string deadLetterEvent);

    [LoggerMessage(EventId = 5117, Message = "The handler has given message {Id} of {Event} back ({Reason}; retry count {RetryCount}); it comes again in {Delay}.")]
    public static partial void HandlerNacked(ILogger logger, LogLevel level, string id, string @event, string reason, int retryCount, TimeSpan delay);

    [LoggerMessage(5118, LogLevel.Warning, "The handler has had message {Id} of {Event} published to {DeadLetterEvent}: {Reason}")]
    public static partial void HandlerDeadLettered(ILogger logger, string id, string @event, string deadLetterEvent, string reason);

    [LoggerMessage(5110, LogLevel.Warning, "Message {Id} of {Event} was handled, but not settled: {Result}. Unless it was settled before, it comes again.")]
    public static partial void NotSettled(ILogger logger, string id, string @event, SettleResult result);

    [LoggerMessage(5113, LogLevel.Warning, "The subscription to {Event} was closed although {Count} handlers ignore their cancellation; their messages come again.")]
    public static partial void HandlersLeftBehind(ILogger logger, string @event, int count);

    [LoggerMessage(5114, LogLevel.Debug, "Message {Id} of {Event} could not be settled; it comes again.")]
    public static partial void SettlementLost(ILogger logger, Exception exception, string id, string @event);

    [LoggerMessage(5115, LogLevel.Error, "The function NackDelay of the handler of {Event} has failed; its messages come again without a delay.")]
    public static partial void NackDelayFailed(ILogger logger, Exception exception, string @event);

    [LoggerMessage(5120, LogLevel.Information, "The handler of {Event} is subscribed.")]
    public static partial void HandlerSubscribed(ILogger logger, string @event);

    [LoggerMessage(5121, LogLevel.Warning, "The handler of {Event} can't be subscribed yet; it is tried again until it works.")]
    public static partial void HandlerWaits(ILogger logger, Exception exception, string @event);

    [LoggerMessage(5122, LogLevel.Warning, "The subscription of the handler of {Event} has failed; again in {Delay}.")]
    public static partial void HandlerEnded(ILogger logger, Exception exception, string @event, TimeSpan delay);

    [LoggerMessage(5123, LogLevel.Error, "The broker has refused the handler of {Event}; it handles nothing any more.")]
    public static partial void HandlerRefused(ILogger logger, Exception exception, string @event);
}
