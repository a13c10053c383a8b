namespace EventBroker.Transport.Memory.Groups;

/// <summary>A message that a member of a group has read and not settled, or that waits for its redelivery.</summary>
internal readonly struct Held
{
    public required ulong Sequence { get; init; }

    public required ReadOnlyMemory<byte> Message { get; init; }

    public required long AcceptedTicks { get; init; }

    public required int RetryCount { get; init; }
}
