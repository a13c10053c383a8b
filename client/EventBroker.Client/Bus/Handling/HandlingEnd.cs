namespace EventBroker.Client.Bus;

/// <summary>Why a handler is told to stop.</summary>
internal enum HandlingEnd
{
    None,

    /// <summary>Its time is over.</summary>
    TimedOut,

    /// <summary>The subscription is being stopped.</summary>
    Stopping,

    /// <summary>Its message is the broker's again.</summary>
    LeaseLost,
}
