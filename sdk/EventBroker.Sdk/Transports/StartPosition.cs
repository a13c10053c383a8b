namespace EventBroker.Sdk.Transports;

/// <summary>Where a new subscription begins; the numbers are those of the wire contract.</summary>
public enum StartPosition
{
    /// <summary>The subscriber did not say: the end of the event, or where its group or consumer id stopped.</summary>
    Unspecified = 0,

    /// <summary>The oldest message that is retained.</summary>
    Beginning = 1,

    /// <summary>The end: only what is published from now on.</summary>
    Latest = 2,

    /// <summary>The first message that was accepted at or after <see cref="SubscribeOptions.StartTime"/>, by the backend's clock
    /// where it stamps messages itself (Redis, JetStream), otherwise by the message's timestamp; to the millisecond.</summary>
    Timestamp = 3,
}
