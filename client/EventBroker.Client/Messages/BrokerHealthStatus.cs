namespace EventBroker.Client;

/// <summary>A broker's state; the numbers are those of the wire contract.</summary>
public enum BrokerHealthStatus
{
    /// <summary>It did not say.</summary>
    Unknown = 0,

    /// <summary>All is well.</summary>
    Healthy = 1,

    /// <summary>It serves, but not as it should; a draining broker says so.</summary>
    Degraded = 2,

    /// <summary>Some transport does not work.</summary>
    Unhealthy = 3,
}
