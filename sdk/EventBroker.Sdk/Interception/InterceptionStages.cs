namespace EventBroker.Sdk.Interception;

/// <summary>The stages of a message's way that an interceptor takes part in; the others cost it nothing.</summary>
[Flags]
public enum InterceptionStages
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Publishing.</summary>
    Publish = 1,

    /// <summary>Delivering.</summary>
    Deliver = 2,

    /// <summary>Settling.</summary>
    Settle = 4,
}
