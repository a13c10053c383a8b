namespace EventBroker.Sdk.Authorization;

/// <summary>What a caller wants to do.</summary>
public enum BrokerOperation
{
    /// <summary>Publish a message to an event, or a batch of them.</summary>
    Publish,

    /// <summary>Subscribe to an event.</summary>
    Subscribe,

    /// <summary>Settle messages that were delivered from an event. By itself granted to whoever may subscribe;
    /// authorizers need not tell the two apart.</summary>
    Settle,

    /// <summary>Create an event.</summary>
    Register,

    /// <summary>Remove an event with its messages.</summary>
    Unregister,

    /// <summary>List the events.</summary>
    List,

    /// <summary>See an event's options, what it holds and its groups.</summary>
    Describe,

    /// <summary>Move the place of a worker group or consumer id.</summary>
    Seek,

    /// <summary>See what is for operators: plugins, their states and reasons.</summary>
    Admin,
}
