using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>A message on its way to one subscriber.</summary>
public readonly struct Delivery
{
    /// <summary>Gets the message; its bytes stay valid for as long as anybody refers to them.</summary>
    public EncodedMessage Message { get; init; }

    /// <summary>Gets where the message stands in its event.</summary>
    public Position Position { get; init; }

    /// <summary>Gets how often the message was handed over before to this group or consumer id: 0 for the first time. It is
    /// <see cref="TransportSettlement.Attempts"/> of the last time it was given back; one more than before where a subscription ended
    /// without saying. Where the backend counts by itself (JetStream) a message that was fetched and given back unread counts, too;
    /// where it can't (Kafka) the count begins anew after a restart.</summary>
    public int RetryCount { get; init; }

    /// <summary>Gets how many messages this subscriber has missed right before this one, because retention
    /// removed them before it read them; 0 usually. Where the backend can't tell the number it is a lower bound, at
    /// least 1. What <see cref="SubscribeOptions.MaxAge"/> or <see cref="SubscribeOptions.LatestOnly"/> leaves out is not missed.</summary>
    public long Missed { get; init; }

    /// <summary>Gets the cursor from which a later subscription goes on behind this delivery; null where
    /// <see cref="TransportCapability.ReplayFromCursor"/> is not declared, in mode worker pool, and where nothing can resume behind it.</summary>
    public ResumeCursor? Cursor { get; init; }

    /// <summary>Gets whatever the transport needs to settle the delivery; nobody else looks at it.</summary>
    public object? Handle { get; init; }
}
