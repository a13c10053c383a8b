using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>A record that was read and is not settled. Guarded by its place's lock.</summary>
internal sealed class HeldRecord(Share share, long offset, EncodedMessage message, string? key, int attempts)
{
    private readonly EncodedMessage _message = message;

    public Share Share => share;

    public long Offset => offset;

    public EncodedMessage Message => _message;

    /// <summary>Gets the record's key; null if it has none.</summary>
    public string? Key => key;

    /// <summary>Gets or sets how often it was handed over before.</summary>
    public int Attempts { get; set; } = attempts;

    /// <summary>Gets or sets how many messages were gone right before it.</summary>
    public long Missed { get; set; }

    public RecordState State { get; set; }

    /// <summary>Gets or sets who has it and since which read; null while nobody has.</summary>
    public Lease? Lease { get; set; }

    /// <summary>Gets or sets who should get it only if nobody else is free: it let its deadline pass.</summary>
    public PlaceMember? Avoided { get; set; }

    /// <summary>Gets or sets the commit that will hold what became of it.</summary>
    public CommitBatch? Batch { get; set; }

    /// <summary>Gets or sets whether Kafka has taken that it is settled.</summary>
    public bool WasCommitted { get; set; }

    /// <summary>Gets or sets whether a commit that says that it is settled is under way.</summary>
    public bool IsSent { get; set; }

    /// <summary>Gets or sets whether such a commit was left without an answer: Kafka may have taken it.</summary>
    public bool IsInDoubt { get; set; }

    /// <summary>Gets or sets its place among those that wait to be read.</summary>
    public LinkedListNode<HeldRecord>? Node { get; set; }

    /// <summary>Gets or sets its neighbours among the unsettled of its partition.</summary>
    public HeldRecord? Previous { get; set; }

    public HeldRecord? Next { get; set; }
}
