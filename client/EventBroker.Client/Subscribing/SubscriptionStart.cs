namespace EventBroker.Client;

/// <summary>Where a new subscription begins; the numbers are those of the wire contract.</summary>
public enum SubscriptionStart
{
    /// <summary>The end of the event, or where the worker group or consumer id stopped.</summary>
    Default = 0,

    /// <summary>The oldest message that is retained.</summary>
    Beginning = 1,

    /// <summary>Only what is published from now on.</summary>
    Latest = 2,

    /// <summary>The first message accepted at or after <see cref="SubscribeOptions.StartTime"/>.</summary>
    Timestamp = 3,
}
