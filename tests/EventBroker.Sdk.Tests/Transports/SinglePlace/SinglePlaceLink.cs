using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>Whether a transport reaches its storage. Says in the log when that changes, and reminds once a minute at the most. Used
/// under the storage's lock.</summary>
internal sealed class SinglePlaceLink(TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan BetweenReminders = TimeSpan.FromMinutes(1);

    // Null while all is well.
    private long? _lastTold;

    public bool IsUp { get; set; } = true;

    /// <summary>Notes that somebody tried.</summary>
    /// <returns>Whether the storage is reached.</returns>
    public bool Try()
    {
        if (IsUp && _lastTold is not null)
        {
            _lastTold = null;
            log("the storage is reached again");
        }
        else if (!IsUp && (_lastTold is null || time.GetElapsedTime(_lastTold.Value) >= BetweenReminders))
        {
            log(_lastTold is null ? "the storage is out of reach" : "the storage is still out of reach");
            _lastTold = time.GetTimestamp();
        }

        return IsUp;
    }

    public void ThrowIfDown()
    {
        if (!Try())
        {
            throw new BrokerException(BrokerErrorCode.Unavailable, "the storage is out of reach");
        }
    }
}
