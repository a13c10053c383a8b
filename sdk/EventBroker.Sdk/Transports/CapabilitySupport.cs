namespace EventBroker.Sdk.Transports;

/// <summary>How a capability comes about.</summary>
public enum CapabilitySupport
{
    /// <summary>Not at all: a call that needs it is refused with an error that says so.</summary>
    Unsupported,

    /// <summary>The backend can't, the broker or the plugin does it.</summary>
    Emulated,

    /// <summary>The backend does it.</summary>
    Native,
}
