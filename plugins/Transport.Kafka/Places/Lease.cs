namespace EventBroker.Transport.Kafka.Places;

/// <summary>What a delivery carries: which record, and which of its deliveries.</summary>
internal sealed class Lease(HeldRecord record, PlaceMember member)
{
    public HeldRecord Record => record;

    public PlaceMember Member => member;

    /// <summary>Gets whether the delivery was taken away. What was settled is gone as well, and its own answer says so; also where Kafka has not
    /// said yet whether it was settled before.</summary>
    public bool IsLost => record.Lease == this && record is { State: RecordState.Over, WasCommitted: false, IsSent: false, IsInDoubt: false };

    /// <summary>Gets whether the delivery is the one that counts.</summary>
    public bool IsCurrent => record.Lease == this && record.State != RecordState.Over;
}
