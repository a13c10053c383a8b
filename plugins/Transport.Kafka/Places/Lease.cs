namespace EventBroker.Transport.Kafka.Places;

/// <summary>What a delivery carries: which record, and which of its deliveries.</summary>
internal sealed class Lease(HeldRecord record, PlaceMember member)
{
    public HeldRecord Record => record;

    public PlaceMember Member => member;

    /// <summary>Gets whether the delivery was taken away. What was settled is gone as well, and its own answer says so.</summary>
    public bool IsLost => record.Lease == this && record is { State: RecordState.Over, WasCommitted: false };

    /// <summary>Gets whether the delivery is the one that counts.</summary>
    public bool IsCurrent => record.Lease == this && record.State != RecordState.Over;
}
