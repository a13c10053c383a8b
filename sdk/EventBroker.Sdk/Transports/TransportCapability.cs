namespace EventBroker.Sdk.Transports;

/// <summary>Something that a transport may be able to do. Shown to operators by name and proven by the conformance suite.</summary>
public enum TransportCapability
{
    /// <summary>Messages survive a restart of the process that holds them.</summary>
    Durable,

    /// <summary>A subscription can begin at the oldest retained message.</summary>
    ReplayFromBeginning,

    /// <summary>A subscription can begin at a time.</summary>
    ReplayFromTimestamp,

    /// <summary>A subscription can go on behind a cursor.</summary>
    ReplayFromCursor,

    /// <summary>Subscriptions can share messages as a worker group.</summary>
    WorkerGroups,

    /// <summary>Every subscription can get every message.</summary>
    Broadcast,

    /// <summary>A subscription can go on where its consumer id stopped.</summary>
    ConsumerResume,

    /// <summary>What a member of a worker group gives back is delivered again, to any free member. Native: the transport takes
    /// <see cref="ITransportSubscription.Release"/>, whether the backend or the plugin does the work. Emulated: by the
    /// broker, to the same member for as long as it is there.</summary>
    Redelivery,

    /// <summary>A delivery can be given back with a delay. Native: the transport takes the delay of
    /// <see cref="ITransportSubscription.Release"/>. Emulated: the broker holds it for so long.</summary>
    RedeliveryDelay,

    /// <summary>A subscriber gets messages in the order in which they were accepted, redeliveries apart; a member of a worker
    /// group gets its share in that order. Unsupported where an event has several partitions, each in order by itself.</summary>
    Ordering,

    /// <summary>A subscription can ask for a maximum age.</summary>
    MaxAge,

    /// <summary>A subscription can ask for the newest message only.</summary>
    LatestOnly,

    /// <summary>A second message with the same id is dropped, within a window that the transport documents, and its publisher
    /// is answered as for the first.</summary>
    Deduplication,

    /// <summary>The transport can list the events it holds.</summary>
    EventListing,
}
