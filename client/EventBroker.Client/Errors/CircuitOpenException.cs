namespace EventBroker.Client;

/// <summary>A call that was not sent because the circuit is open: too many before it have failed.</summary>
public sealed class CircuitOpenException : EventBrokerException
{
    internal CircuitOpenException(TimeSpan? retryAfter, Exception innerException)
        : base(ErrorCode.Unavailable, "the circuit is open: the broker kept failing, so the call was not sent", innerException) =>
        RetryAfter = retryAfter;

    /// <summary>Gets how long the circuit stays open; null if that is not known.</summary>
    public TimeSpan? RetryAfter { get; }
}
