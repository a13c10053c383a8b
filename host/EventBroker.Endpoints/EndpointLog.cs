using Microsoft.Extensions.Logging;

namespace EventBroker.Endpoints;

// Event ids 1000 to 1999.
internal static partial class EndpointLog
{
    [LoggerMessage(1000, LogLevel.Error, "A {Protocol} call to {Operation} failed for a reason that nobody foresaw; the caller was told 'internal error'.")]
    public static partial void Unforeseen(ILogger logger, Exception exception, string protocol, string operation);

    [LoggerMessage(1001, LogLevel.Information, "Draining: new calls are refused and streams end; what is open after {Timeout} is cut.")]
    public static partial void Draining(ILogger logger, TimeSpan timeout);

    [LoggerMessage(1002, LogLevel.Warning, "Not every stream has ended within the drain timeout; the rest is cut.")]
    public static partial void DrainTimedOut(ILogger logger);

    [LoggerMessage(1003, LogLevel.Debug, "A {Protocol} subscription to {EventName} has begun.")]
    public static partial void Subscribed(ILogger logger, string protocol, string eventName);

    [LoggerMessage(1004, LogLevel.Debug, "A {Protocol} subscription to {EventName} has ended: {Reason}.")]
    public static partial void Unsubscribed(ILogger logger, string protocol, string eventName, string reason);

    [LoggerMessage(1005, LogLevel.Debug, "A page of the foreign origin {Origin} was refused; origins are allowed by configuration.")]
    public static partial void OriginRefused(ILogger logger, string origin);

    [LoggerMessage(1006, LogLevel.Warning, "A {Protocol} call to {Operation} failed.")]
    public static partial void Failed(ILogger logger, Exception exception, string protocol, string operation);

    [LoggerMessage(1007, LogLevel.Information, "Told to stop: not ready any more, and serving on for {LameDuck} so that nobody new is sent here.")]
    public static partial void Leaving(ILogger logger, TimeSpan lameDuck);
}
