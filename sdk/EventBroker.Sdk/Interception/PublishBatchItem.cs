using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Interception;

/// <summary>One message of a batch, and what became of it.</summary>
public sealed class PublishBatchItem
{
    /// <summary>Gets the message and its publisher.</summary>
    public required PublishContext Context { get; init; }

    /// <summary>Gets or sets why the message is not published; null until something fails, and after <c>next</c> if it was published.</summary>
    public BrokerException? Failure { get; set; }
}
