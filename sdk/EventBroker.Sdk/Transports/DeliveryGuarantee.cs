namespace EventBroker.Sdk.Transports;

/// <summary>What a transport promises of a message whose publish it has answered.</summary>
public enum DeliveryGuarantee
{
    /// <summary>It may be lost, and is not delivered twice.</summary>
    AtMostOnce,

    /// <summary>It is delivered, perhaps more than once, for as long as it is retained.</summary>
    AtLeastOnce,
}
