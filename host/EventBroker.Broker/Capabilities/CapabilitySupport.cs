namespace EventBroker.Broker.Capabilities;

/// <summary>How a capability comes about.</summary>
public enum CapabilitySupport
{
    /// <summary>Not at all: a call that needs it is refused with an error that says so.</summary>
    Unsupported,

    /// <summary>The transport doesn't, the broker does it.</summary>
    Emulated,

    /// <summary>The transport does it.</summary>
    Native,
}
