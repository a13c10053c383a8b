namespace EventBroker.Transport.Kafka.Places;

/// <summary>What is with a record.</summary>
internal enum RecordState
{
    /// <summary>It waits for a reader, or behind another one of its key.</summary>
    Unread,

    /// <summary>A member has it.</summary>
    Held,

    /// <summary>It is completed, and the commit that says so is under way.</summary>
    Settling,

    /// <summary>It is settled, or its partition is another host's.</summary>
    Over,
}
