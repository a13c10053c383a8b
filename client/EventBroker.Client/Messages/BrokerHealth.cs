namespace EventBroker.Client;

/// <summary>How a broker says it is.</summary>
public sealed class BrokerHealth
{
    internal BrokerHealth(BrokerHealthStatus status, string message, IReadOnlyDictionary<string, string> details)
    {
        Status = status;
        Message = message;
        Details = details;
    }

    /// <summary>Gets the state of the whole: that of its worst part.</summary>
    public BrokerHealthStatus Status { get; }

    /// <summary>Gets the state in words.</summary>
    public string Message { get; }

    /// <summary>Gets what the broker tells of its transports and plugins.</summary>
    public IReadOnlyDictionary<string, string> Details { get; }
}
