using EventBroker.Sdk.Errors;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>Turns what the client library throws and the server answers into the broker's terms. The server's errors begin with a code.</summary>
internal static class RedisErrors
{
    // What passes: loading, a failover under way, a replica that was a master a moment ago, a disk that is full.
    private static readonly string[] Passing =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MISCONF", "NOREPLICAS", "UNBLOCKED", "MOVED", "ASK"];

    public static BrokerException? Map(Exception exception) => exception switch
    {
        BrokerException already => already,
        RedisServerException error => FromServer(error.Message, error),
        RedisTimeoutException => new BrokerException(BrokerErrorCode.Unavailable, "Redis did not answer in time", exception),
        RedisConnectionException or ObjectDisposedException =>
            new BrokerException(BrokerErrorCode.Unavailable, "Redis is not reachable", exception),
        _ => null,
    };

    /// <summary>Turns an error's text into the broker's terms.</summary>
    public static BrokerException FromServer(string error, Exception? cause = null)
    {
        var blank = error.IndexOf(' ', StringComparison.Ordinal);
        var code = blank < 0 ? error : error[..blank];
        return code switch
        {
            "OOM" => Make(BrokerErrorCode.ResourceExhausted, "Redis is out of memory (maxmemory is reached)"),
            "WRONGTYPE" => Make(
                BrokerErrorCode.FailedPrecondition,
                "a key of this event holds something else in Redis: rename or delete it, or give the transport another keyPrefix"),
            "NOPERM" => Make(BrokerErrorCode.FailedPrecondition, "the Redis user may not do this: " + error),
            "NOAUTH" or "WRONGPASS" => Make(BrokerErrorCode.Unavailable, "Redis refuses the credentials: " + code),
            _ when Passing.Contains(code, StringComparer.Ordinal) =>
                Make(BrokerErrorCode.Unavailable, $"Redis does not take it now ({code}); try again"),
            _ => Make(BrokerErrorCode.Internal, "Redis answered with an error: " + error),
        };

        BrokerException Make(BrokerErrorCode brokerCode, string message) =>
            cause is null ? new BrokerException(brokerCode, message) : new BrokerException(brokerCode, message, cause);
    }
}
