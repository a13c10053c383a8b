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

    /// <summary>What a member of a worker group or the holder of a consumer id gives back is delivered again, to any free member
    /// or to whoever holds the consumer id then. Where it is not declared the broker delivers again, to the same subscriber
    /// for as long as it is there.</summary>
    Redelivery,

    /// <summary>A delivery can be given back with a delay that outlives the subscription, of up to 400 days. Where it is not declared the broker
    /// holds the delivery for so long, and gives it back early when the subscription ends before.</summary>
    RedeliveryDelay,

    /// <summary>A subscriber gets messages in the order in which they were accepted, redeliveries apart; a member of a worker
    /// group gets its share in that order. Not declared where an event has several partitions, each in order by itself.</summary>
    Ordering,

    /// <summary>The transport itself passes over what is older than <see cref="SubscribeOptions.MaxAge"/>, without reading it one by one. Where it
    /// is not declared the broker leaves such messages out.</summary>
    MaxAge,

    /// <summary>The transport itself passes over to the newest message, without reading what lies before one by one. Where it is not
    /// declared the broker leaves the older ones out.</summary>
    LatestOnly,

    /// <summary>A second message with the same id is dropped, within a window that the transport documents, and its publisher
    /// is answered as for the first, marked as a duplicate.</summary>
    Deduplication,

    /// <summary>The transport can list the events it holds.</summary>
    EventListing,

    /// <summary>The transport can describe an event: its options, what it holds, its groups.</summary>
    EventDescription,

    /// <summary>The place of a group or consumer id can be moved.</summary>
    Seek,

    /// <summary>Messages of one ordering key are delivered one after the other.</summary>
    OrderingKeys,

    /// <summary>A message can be published to be delivered later.</summary>
    DelayedPublish,
}
