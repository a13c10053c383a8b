using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>A record that was read for broadcast.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Message">The message.</param>
/// <param name="LostBelow">What stood below this offset and was not read is gone; 0 if nothing is.</param>
internal readonly record struct FeedRecord(int Partition, long Offset, EncodedMessage Message, long LostBelow);

/// <summary>A record in the end of an event that is kept for all subscriptions. One that has left it leads nowhere, so that whoever
/// stands there keeps nothing alive.</summary>
internal sealed class FeedNode(in FeedRecord record)
{
    private readonly FeedRecord _record = record;
    private volatile FeedNode? _next;
    private volatile bool _hasLeft;

    public FeedRecord Record => _record;

    public FeedNode? Next
    {
        get => _next;
        set => _next = value;
    }

    public bool HasLeft => _hasLeft;

    public void Leave()
    {
        _hasLeft = true;
        _next = null;
    }
}

/// <summary>Takes what a reader reads; called on the reader's thread.</summary>
internal interface IReaderSink
{
    /// <summary>Gets whether more can be taken.</summary>
    bool HasRoom { get; }

    void OnRead(IReadOnlyList<FeedRecord> records);

    /// <summary>Nothing more is there now.</summary>
    void OnEnd(int partition, long offset);
}
