namespace EventBroker.Client;

/// <summary>A stream of a subscription was opened.</summary>
public sealed class SubscriptionOpening
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets how often the stream was opened before: 0 for the first time.</summary>
    public required int Reconnects { get; init; }

    /// <summary>Gets what became of going on where the subscription stopped.</summary>
    public required ResumeOutcome Resume { get; init; }
}
