namespace EventBroker.Sdk.Errors;

/// <summary>What a code alone does not tell, where somebody acts on it.</summary>
public enum BrokerErrorReason
{
    /// <summary>Nothing beyond the code.</summary>
    None = 0,

    /// <summary>Another subscription has the consumer id now (with <see cref="BrokerErrorCode.Aborted"/>): whoever comes back by itself would
    /// begin a fight.</summary>
    TakenOver = 1,
}
