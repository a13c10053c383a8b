namespace EventBroker.Client.Bus;

internal enum HandlingOutcome
{
    Acked,
    Nacked,
    TimedOut,
    Canceled,

    /// <summary>The message was the broker's again before its handler ended.</summary>
    LeaseLost,

    /// <summary>Could not be decoded, and was given back.</summary>
    Undecodable,
    DeadLettered,
    Dropped,
}
