namespace EventBroker.Client.Bus;

internal enum HandlingOutcome
{
    Acked,
    Nacked,
    TimedOut,
    Canceled,

    /// <summary>Could not be decoded, and was given back.</summary>
    Undecodable,
    DeadLettered,
    Dropped,
}
