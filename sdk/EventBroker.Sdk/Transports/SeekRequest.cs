namespace EventBroker.Sdk.Transports;

/// <summary>A request to move the place of a worker group or consumer id; checked by the broker.</summary>
public sealed class SeekRequest
{
    /// <summary>Gets whose place is moved.</summary>
    public required PlaceKind Kind { get; init; }

    /// <summary>Gets the group's name (empty for the default group) or the consumer id.</summary>
    public required string Name { get; init; }

    /// <summary>Gets where to; never unspecified. Has no meaning with <see cref="After"/>.</summary>
    public StartPosition Position { get; init; }

    /// <summary>Gets the time for <see cref="StartPosition.Timestamp"/>.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the cursor behind which the place is to stand; null where <see cref="Position"/> says it.</summary>
    public string? After { get; init; }
}
