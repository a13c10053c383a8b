namespace EventBroker.Transport.Kafka.Places;

/// <summary>What is remembered of a partition's beginning.</summary>
internal interface IGapMemory
{
    /// <summary>Gets or sets the oldest offset that was retained when it was last asked for.</summary>
    long Oldest { get; set; }

    long AskedAt { get; set; }
}
