namespace EventBroker.Client;

/// <summary>When calls are refused without being sent, because the broker keeps failing. Counted are UNAVAILABLE, DEADLINE_EXCEEDED,
/// INTERNAL and UNKNOWN, each attempt by itself; an answer such as NOT_FOUND is a success. A call that is refused throws an <see cref="EventBrokerException"/> with <see cref="EventBrokerException.RetryAfter"/>. Subscriptions come back by
/// <see cref="RemoteTransportOptions.Reconnect"/> and are not held up by it.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Gets or sets whether there is a circuit breaker. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Gets or sets how many attempts within <see cref="SamplingTime"/> there must be at least before the circuit can open.
    /// Default 5; 2 to 1 000 000.</summary>
    public int FailureThreshold { get; set; } = 5;

    /// <summary>Gets or sets the share of them that must have failed. Default 0.5; above 0, up to 1.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Gets or sets over how long attempts are counted. Default 10 s; 500 ms to a day.</summary>
    public TimeSpan SamplingTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long an open circuit refuses calls before it lets one through to try. Default 30 s; 500 ms to a day.</summary>
    public TimeSpan RecoveryTime { get; set; } = TimeSpan.FromSeconds(30);
}
