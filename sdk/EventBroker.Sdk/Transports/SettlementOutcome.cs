namespace EventBroker.Sdk.Transports;

/// <summary>What became of one settlement.</summary>
public enum SettlementOutcome
{
    /// <summary>Not decided. Left like this by a call that has ended, it counts as <see cref="Failed"/>.</summary>
    Pending,

    /// <summary>The backend has taken it, with the durability that it promises. A backend that remembers a single place
    /// (<see cref="TransportCapabilities.RemembersSinglePlace"/>) has noted a completion and stores it once everything before it is
    /// completed: what lies behind a gap may be delivered again after a crash.</summary>
    Done,

    /// <summary>The delivery is no longer this subscription's: it was taken away, settled before, or its event is gone.</summary>
    LeaseLost,

    /// <summary>It is not known whether the backend has taken it, or it has refused. The subscription still holds the delivery, and the broker
    /// settles it again.</summary>
    Failed,
}
