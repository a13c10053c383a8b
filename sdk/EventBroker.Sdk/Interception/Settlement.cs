namespace EventBroker.Sdk.Interception;

/// <summary>What a subscriber makes of a delivery.</summary>
public enum Settlement
{
    /// <summary>Done with it.</summary>
    Ack,

    /// <summary>Failed: deliver it again, perhaps later.</summary>
    Nack,

    /// <summary>Still at it: the ack deadline starts anew.</summary>
    Extend,
}
