namespace EventBroker.Transport.Kafka.Places;

/// <summary>What a delivery carries: which record, and which of its deliveries.</summary>
internal sealed class Lease(HeldRecord record, PlaceMember member)
{
    public HeldRecord Record => record;

    public PlaceMember Member => member;

    /// <summary>Gets whether the delivery is the one that counts.</summary>
    public bool IsCurrent => record.Lease == this && record.State != RecordState.Over;
}
