namespace EventBroker.Client.Testing;

/// <summary>What a subscriber makes of a delivery.</summary>
public enum TestSettlementKind
{
    /// <summary>Done with.</summary>
    Acked,

    /// <summary>Given back.</summary>
    Nacked,

    /// <summary>Given more time.</summary>
    Extended,
}
