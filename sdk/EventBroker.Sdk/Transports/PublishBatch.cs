using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Transports;

/// <summary>Messages of one event that are published together, and what became of each.</summary>
/// <remarks>Made by the broker, used by one transport call at a time.</remarks>
public sealed class PublishBatch
{
    private readonly List<TransportMessage> _messages;
    private PublishReceipt[]? _receipts;
    private BrokerException?[]? _failures;

    /// <summary>Initializes an empty batch.</summary>
    /// <param name="capacity">The expected number of messages.</param>
    public PublishBatch(int capacity = 16) => _messages = new List<TransportMessage>(capacity);

    /// <summary>Gets the number of messages.</summary>
    public int Count => _messages.Count;

    /// <summary>Gets a message.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The message.</returns>
    public TransportMessage this[int index] => _messages[index];

    /// <summary>Adds a message at the end.</summary>
    /// <param name="message">The message.</param>
    public void Add(TransportMessage message) => _messages.Add(message);

    /// <summary>Notes where a message stands and whether it was a duplicate. Without it a message that has not failed counts as
    /// published at a place that the backend does not say.</summary>
    /// <param name="index">Its place in the batch, from 0.</param>
    /// <param name="receipt">The transport's answer.</param>
    public void Accept(int index, PublishReceipt receipt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        _receipts ??= new PublishReceipt[Count];
        _receipts[index] = receipt;
    }

    /// <summary>Notes that a message was not published. What is not noted counts as published.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <param name="failure">Why not.</param>
    public void Fail(int index, BrokerException failure)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        _failures ??= new BrokerException?[Count];
        _failures[index] = failure;
    }

    /// <summary>Gets the transport's answer to a message that was published.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The receipt; <c>default</c> if there is none.</returns>
    public PublishReceipt GetReceipt(int index) => _receipts is null ? default : _receipts[index];

    /// <summary>Gets why a message was not published.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The failure, or null if it was published.</returns>
    public BrokerException? GetFailure(int index) => _failures?[index];

    /// <summary>Empties the batch for its next use.</summary>
    public void Clear()
    {
        _messages.Clear();
        _receipts = null;
        _failures = null;
    }
}
