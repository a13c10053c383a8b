using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.JetStream.Pulling;

/// <summary>A message as a consumer has handed it out.</summary>
internal readonly struct PulledMessage
{
    public required EncodedMessage Message { get; init; }

    /// <summary>Gets where acks go.</summary>
    public required string AckSubject { get; init; }

    public required AckInfo Info { get; init; }
}
