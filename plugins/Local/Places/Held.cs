namespace EventBroker.Transport.Local.Places;

/// <summary>A message that a member of a place has read and not settled.</summary>
internal readonly struct Held
{
    /// <summary>Gets the message's bytes: a part of its slab, or what was kept while it waited for its redelivery.</summary>
    public required ReadOnlyMemory<byte> Message { get; init; }

    /// <summary>Gets the count that it was delivered with.</summary>
    public required int RetryCount { get; init; }

    /// <summary>Gets how many missed messages were told of with it.</summary>
    public required long Missed { get; init; }
}
