namespace EventBroker.Client.Testing;

/// <summary>A message that the broker has taken.</summary>
public sealed class TestPublish
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the message's id.</summary>
    public required string MessageId { get; init; }

    /// <summary>Gets who has published it, as the publisher says.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the payload.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Gets the metadata.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}
