namespace EventBroker.Client.Testing;

/// <summary>What a subscriber made of a delivery.</summary>
public sealed class TestSettlement
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Gets what became of it.</summary>
    public required TestSettlementKind Kind { get; init; }

    /// <summary>Gets the reason of a nack; empty otherwise.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets how often the message was delivered before this delivery.</summary>
    public required int RetryCount { get; init; }
}
