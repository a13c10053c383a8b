using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>A message on its way to one subscriber.</summary>
public readonly struct Delivery
{
    /// <summary>Gets the message; its bytes stay valid for as long as anybody refers to them.</summary>
    public EncodedMessage Message { get; init; }

    /// <summary>Gets where the message stands in its event.</summary>
    public Position Position { get; init; }

    /// <summary>Gets how often the message was delivered before, as far as the transport knows: 0 for the first time.</summary>
    public int RetryCount { get; init; }

    /// <summary>Gets how many messages this subscriber has missed right before this one, because retention
    /// removed them before it read them; 0 usually.</summary>
    public long Missed { get; init; }

    /// <summary>Gets whatever the transport needs to settle the delivery; nobody else looks at it.</summary>
    public object? Handle { get; init; }
}
