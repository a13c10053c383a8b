namespace EventBroker.Sdk.Transports;

/// <summary>A worker group's or consumer id's place in an event, as far as the transport can tell: null where it can't.</summary>
public sealed class GroupDescription
{
    /// <summary>Gets whether it is a worker group or a consumer id.</summary>
    public required PlaceKind Kind { get; init; }

    /// <summary>Gets the group's name (empty for the default group) or the consumer id.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many open subscriptions hold it here.</summary>
    public int? Members { get; init; }

    /// <summary>Gets how many messages it has not read yet.</summary>
    public long? Lag { get; init; }

    /// <summary>Gets how many messages were read and are not settled, those that wait for their redelivery included.</summary>
    public long? Unsettled { get; init; }
}
