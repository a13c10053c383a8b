using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Transports;

/// <summary>What is to become of one delivery, and what became of it.</summary>
public struct TransportSettlement
{
    /// <summary>Gets the delivery, as it was read: position, handle and <see cref="Delivery.RetryCount"/> are those of the read, however often it was
    /// handed over since (that is <see cref="Attempts"/>). Only its <see cref="Delivery.Message"/> may be a copy.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>Gets whether it is completed or released.</summary>
    public SettlementAction Action { get; init; }

    /// <summary>Gets why.</summary>
    public SettlementReason Reason { get; init; }

    /// <summary>Gets how long a released delivery waits before it is delivered again. Zero where
    /// <see cref="TransportCapability.RedeliveryDelay"/> is not declared, since the broker then waits before it releases.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Gets how often the message was handed over so far to this group or consumer id, this delivery included if it was:
    /// the <see cref="Delivery.RetryCount"/> of its next delivery.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets or sets what became of it; written by the transport.</summary>
    public SettlementOutcome Outcome { get; set; }

    /// <summary>Gets or sets why it failed, for the log and for whoever settles; null for a failure of the backend as such.</summary>
    public BrokerException? Failure { get; set; }
}
