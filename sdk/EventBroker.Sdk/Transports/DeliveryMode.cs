namespace EventBroker.Sdk.Transports;

/// <summary>Who gets a message; the numbers are those of the wire contract, without its 0 (unspecified means broadcast).</summary>
public enum DeliveryMode
{
    /// <summary>Every subscription gets every message.</summary>
    Broadcast = 1,

    /// <summary>The subscriptions of a worker group share the messages: each group gets every message once.</summary>
    WorkerPool = 2,
}
