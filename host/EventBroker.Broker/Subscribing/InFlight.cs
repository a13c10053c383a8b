using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>A delivery attempt that is not settled yet.</summary>
internal struct InFlight
{
    /// <summary>The value of <see cref="Deadline"/> before the message was handed to the connection.</summary>
    public const long NotSent = long.MaxValue;

    public Delivery Delivery;
    public long Sequence;
    public long Deadline;
    public int RetryCount;
}
