namespace EventBroker.Client;

/// <summary>A stream of a subscription has ended or could not be opened.</summary>
public sealed class SubscriptionFault
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets why. A stream that the server ended without an error is UNAVAILABLE.</summary>
    public required EventBrokerException Exception { get; init; }

    /// <summary>Gets how many failures in a row this makes.</summary>
    public required int ConsecutiveFailures { get; init; }

    /// <summary>Gets how long the subscription waits before it tries again; null if it has given up.</summary>
    public required TimeSpan? RetryAfter { get; init; }
}
