using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>A delivery that an endpoint is to encode and send.</summary>
public readonly struct OutboundDelivery
{
    /// <summary>Gets the message, perhaps replaced by an interceptor.</summary>
    public EncodedMessage Message { get; init; }

    /// <summary>Gets where the message stands in its event.</summary>
    public Position Position { get; init; }

    /// <summary>Gets the cursor from which a later subscription goes on behind this delivery; null if there is none, and for a
    /// redelivery, whose cursor would lead back.</summary>
    public ResumeCursor? Cursor { get; init; }

    /// <summary>Gets how often the message was handed over before.</summary>
    public int RetryCount { get; init; }

    /// <summary>Gets how many messages the subscriber missed right before this one.</summary>
    public long Missed { get; init; }

    /// <summary>Gets the sequence number that the ack id ends with; 0 for a delivery that needs no settling.</summary>
    public long Sequence { get; init; }

    /// <summary>Gets whether every subscriber sees these same message bytes under this position, so that an encoded
    /// form may be shared; false once an interceptor replaced the message for this one.</summary>
    public bool IsShared { get; init; }
}
