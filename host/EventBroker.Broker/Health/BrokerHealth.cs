using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Health;

/// <summary>How a broker and its transports are.</summary>
public sealed class BrokerHealth
{
    /// <summary>Gets the worst state of any transport; degraded while the broker drains.</summary>
    public required TransportHealthStatus Status { get; init; }

    /// <summary>Gets a sentence for the operator; never empty.</summary>
    public required string Message { get; init; }

    /// <summary>Gets the details by dotted keys: per transport its state, figures, guarantee and capabilities; per plugin its state.</summary>
    public required IReadOnlyDictionary<string, string> Details { get; init; }
}
