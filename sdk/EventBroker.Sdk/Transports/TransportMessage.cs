using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>A message to append, with what concerns its carriage and not its readers.</summary>
public readonly struct TransportMessage
{
    /// <summary>Initializes a message without an ordering key, due at once.</summary>
    /// <param name="message">The message, with id and timestamp.</param>
    public TransportMessage(EncodedMessage message) => Message = message;

    /// <summary>Gets the message.</summary>
    public EncodedMessage Message { get; init; }

    /// <summary>Gets whether the broker has made the id up, so that no other message has it and a transport that drops duplicates need not
    /// remember it. Default false.</summary>
    public bool HasGeneratedId { get; init; }

    /// <summary>Gets the key within which messages keep their order; null for none. Without
    /// <see cref="TransportCapability.OrderingKeys"/> it is refused.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Gets when the message is to be delivered at the earliest; null for at once. Without
    /// <see cref="TransportCapability.DelayedPublish"/> it is refused.</summary>
    public DateTimeOffset? DueTime { get; init; }
}
