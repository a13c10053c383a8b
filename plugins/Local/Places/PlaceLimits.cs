namespace EventBroker.Transport.Local.Places;

/// <summary>How many places an event remembers, and for how long.</summary>
internal sealed class PlaceLimits
{
    /// <summary>Gets how many worker groups an event may have.</summary>
    public required int MaxGroupsPerEvent { get; init; }

    /// <summary>Gets how many consumer ids without an open subscription an event remembers.</summary>
    public required int MaxConsumersPerEvent { get; init; }

    /// <summary>Gets how long a worker group without members is remembered.</summary>
    public required TimeSpan GroupExpiry { get; init; }

    /// <summary>Gets how much memory may be held by what waits for its redelivery, over all events.</summary>
    public required long MaxWaitingBytes { get; init; }
}
