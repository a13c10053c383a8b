namespace EventBroker.Sdk.Transports;

/// <summary>Why a delivery is completed or released. Backends that keep such things (a dead-letter queue, an advisory) may pass it on.</summary>
public enum SettlementReason
{
    /// <summary>Completed: the subscriber acked it, or it was handed over with auto-ack.</summary>
    Acked,

    /// <summary>Completed without being handed over: too old, overtaken by a newer one, or withheld by an interceptor.</summary>
    LeftOut,

    /// <summary>Completed: it can't be delivered, or not with success; whoever completes it has put it elsewhere or has said so in the log.</summary>
    DeadLettered,

    /// <summary>Released: the subscriber nacked it.</summary>
    Nacked,

    /// <summary>Released: the subscriber let its deadline pass. Another free member goes before this one.</summary>
    DeadlinePassed,

    /// <summary>Released: the subscriber's stream has ended.</summary>
    Disconnected,

    /// <summary>Released: it was read and never handed to the connection, so it does not count as an attempt, and comes
    /// again before what is newer where <see cref="TransportCapability.Ordering"/> is declared and the backend can.</summary>
    NeverSent,
}
