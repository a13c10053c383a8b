using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Publishing;

/// <summary>One message of a batch, as an endpoint decoded it, and what became of it.</summary>
public sealed class PublishItem
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the message so far: id (if the publisher gave one), source, payload and metadata.</summary>
    public required MessageEncoder Message { get; init; }

    /// <summary>Gets or sets the message's id as UTF-8, once it is published.</summary>
    public ReadOnlyMemory<byte> Id { get; set; }

    /// <summary>Gets or sets why it was not published; null if it was.</summary>
    public BrokerException? Failure { get; set; }

    /// <summary>Gets whether the transport had a message with this id already and has dropped this one.</summary>
    public bool IsDuplicate { get; private set; }

    internal void Decide(BrokerException? failure, PublishReceipt receipt)
    {
        Failure = failure;
        Id = failure is null ? Message.Id : default;
        IsDuplicate = receipt.IsDuplicate;
    }
}
