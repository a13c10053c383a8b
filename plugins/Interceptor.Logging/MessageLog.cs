using EventBroker.Sdk.Interception;
using Microsoft.Extensions.Logging;

namespace EventBroker.Interceptor.Logging;

internal static partial class MessageLog
{
    [LoggerMessage(EventId = 2100, Message = "Published {EventName} {Id}, {Bytes} bytes, by {Protocol}, in {Elapsed} ms")]
    public static partial void Published(ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, double elapsed);

    [LoggerMessage(EventId = 2101, Message = "Not published {EventName} {Id}, {Bytes} bytes, by {Protocol}, after {Elapsed} ms: {Reason}")]
    public static partial void NotPublished(
        ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, double elapsed, string reason);

    [LoggerMessage(EventId = 2102, Message = "Delivered {EventName} {Id}, {Bytes} bytes, to {Protocol}, retry {RetryCount}, in {Elapsed} ms")]
    public static partial void Delivered(
        ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, int retryCount, double elapsed);

    [LoggerMessage(EventId = 2103, Message = "Not delivered {EventName} {Id}, {Bytes} bytes, to {Protocol}, retry {RetryCount}, after {Elapsed} ms: {Reason}")]
    public static partial void NotDelivered(
        ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, int retryCount, double elapsed, string reason);

    [LoggerMessage(EventId = 2104, Message = "Settled {EventName} {Id}, {Bytes} bytes, by {Protocol}: {Settlement}, in {Elapsed} ms")]
    public static partial void Settled(
        ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, Settlement settlement, double elapsed);

    [LoggerMessage(EventId = 2105, Message = "Not settled {EventName} {Id}, {Bytes} bytes, by {Protocol}: {Settlement}, after {Elapsed} ms: {Reason}")]
    public static partial void NotSettled(
        ILogger logger, LogLevel level, string eventName, string id, int bytes, string protocol, Settlement settlement, double elapsed, string reason);
}
