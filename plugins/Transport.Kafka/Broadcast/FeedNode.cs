using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>A record in the end of an event that is kept for all subscriptions. One that has left it leads nowhere, so that whoever
/// stands there keeps nothing alive.</summary>
internal sealed class FeedNode(in FeedRecord record)
{
    private readonly FeedRecord _record = record;
    private volatile FeedNode? _next;
    private volatile bool _hasLeft;
    private volatile CursorHere? _cursor;

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

    /// <summary>Makes the cursor of a subscription that has read the record. Most have read the same, so that one is made for all of them.</summary>
    /// <param name="epoch">The topic's.</param>
    /// <param name="next">What comes next for the subscription, in each partition.</param>
    public ResumeCursor? CursorAt(ulong epoch, ReadOnlySpan<long> next)
    {
        var here = _cursor;
        if (here is not null && next.SequenceEqual(here.Next))
        {
            return here.Cursor;
        }

        var cursor = KafkaCursor.Make(epoch, next);
        if (here is null)
        {
            _cursor = new CursorHere(next.ToArray(), cursor);
        }

        return cursor;
    }

    private sealed record CursorHere(long[] Next, ResumeCursor? Cursor);
}
