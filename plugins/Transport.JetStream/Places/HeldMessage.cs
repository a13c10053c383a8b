using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Pulling;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>A message that the servers have left to this host, until it is settled, given back or lost. Guarded by its place's lock.</summary>
internal sealed class HeldMessage(in PulledMessage pulled, int generation, long now) : IUnread
{
    private readonly PulledMessage _pulled = pulled;

    public PulledMessage Pulled => _pulled;

    public ulong Sequence => _pulled.Info.StreamSequence;

    /// <summary>Gets or sets how often it was handed out, this time included.</summary>
    public int Deliveries { get; set; } = pulled.Info.Deliveries;

    /// <summary>Gets or sets whether the servers have handed it out once more while it was here.</summary>
    public bool CameAgain { get; set; }

    /// <summary>Gets which of the place's consumers it is from: the place may have been moved since.</summary>
    public int Generation => generation;

    /// <summary>Gets or sets since when the servers leave it to this host, at the latest.</summary>
    public long LeasedAt { get; set; } = now;

    /// <summary>Gets or sets how many were lost right before it.</summary>
    public long Missed { get; set; }

    /// <summary>Gets or sets who has read it; null while nobody has.</summary>
    public PlaceMember? Holder { get; set; }

    /// <inheritdoc/>
    public Reader? Avoided { get; set; }

    public int Length => _pulled.Message.Length;

    /// <summary>Gets or sets whether it is this host's no more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Gets or sets the settlement that is under way; null if none is.</summary>
    public Task<SettlementOutcome>? Settling { get; set; }
}
