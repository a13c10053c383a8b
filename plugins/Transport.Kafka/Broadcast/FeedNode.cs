namespace EventBroker.Transport.Kafka.Broadcast;

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
