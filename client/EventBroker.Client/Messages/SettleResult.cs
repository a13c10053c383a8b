namespace EventBroker.Client;

/// <summary>What became of an ack, a nack or an extension.</summary>
public enum SettleResult
{
    /// <summary>Done as asked. A server that tells no results, such as the Go event-server, counts as having done it.</summary>
    Settled,

    /// <summary>Too late: the deadline had passed, the stream had ended, or it was settled before. Unless it was settled before, the
    /// message comes again, here or at another member of the group.</summary>
    Expired,

    /// <summary>The server never gave out such a delivery; it has been restarted, perhaps.</summary>
    Unknown,

    /// <summary>The caller may not settle messages of this event.</summary>
    Denied,

    /// <summary>The server refused a value, such as a delay of more than 12 hours.</summary>
    Invalid,

    /// <summary>The server's transport failed: the message is not settled and comes again.</summary>
    Failed,
}
