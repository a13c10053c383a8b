namespace EventBroker.Sdk.Transports;

/// <summary>How a backend is.</summary>
public enum TransportHealthStatus
{
    /// <summary>Everything works.</summary>
    Healthy = 1,

    /// <summary>It works, with limits that an operator should know of.</summary>
    Degraded = 2,

    /// <summary>Publishing or subscribing does not work.</summary>
    Unhealthy = 3,
}
