namespace EventBroker.Client;

/// <summary>What became of one message of a batch.</summary>
public readonly struct PublishResult
{
    internal PublishResult(string id, EventBrokerException? failure)
    {
        Id = id;
        Failure = failure;
    }

    /// <summary>Gets the message's id.</summary>
    public string Id { get; }

    /// <summary>Gets why it is not known to be published; null if it is.</summary>
    public EventBrokerException? Failure { get; }
}
