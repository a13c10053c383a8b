using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Consumers;

/// <summary>Where a consumer id stopped: behind the last message up to which everything is completed.</summary>
internal sealed class ConsumerPlace
{
    private readonly Lock _lock = new();
    private CompletionTracker _tracker = new();
    private LogCursor _cursor;
    private BroadcastSubscription? _holder;

    public ConsumerPlace(string consumerId)
    {
        ConsumerId = consumerId;
        ClosedNode = new LinkedListNode<ConsumerPlace>(this);
    }

    public string ConsumerId { get; }

    /// <summary>Gets the place's node in the list of those without an open subscription.</summary>
    public LinkedListNode<ConsumerPlace> ClosedNode { get; }

    /// <summary>Hands the place to another subscription.</summary>
    /// <param name="holder">The new holder; null for none.</param>
    /// <param name="from">Where it begins; null to go on where the place stands.</param>
    /// <param name="cursor">Where it begins.</param>
    /// <returns>Who held it before.</returns>
    public BroadcastSubscription? Hold(BroadcastSubscription holder, LogCursor? from, out LogCursor cursor)
    {
        lock (_lock)
        {
            var before = _holder;
            _holder = holder;
            _tracker = new CompletionTracker();
            cursor = _cursor = from ?? _cursor;
            return before;
        }
    }

    /// <summary>Leaves the place without a holder.</summary>
    /// <returns>Whether the subscription was still the holder.</returns>
    public bool LetGo(BroadcastSubscription holder)
    {
        lock (_lock)
        {
            if (_holder != holder)
            {
                return false;
            }

            _holder = null;
            return true;
        }
    }

    /// <summary>Notes what the holder has read.</summary>
    public void Add(BroadcastSubscription holder, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_lock)
        {
            if (_holder != holder)
            {
                return;
            }

            foreach (ref readonly var delivery in deliveries)
            {
                _tracker.Add(delivery.Position);
            }
        }
    }

    /// <summary>Notes that the holder is done with a message. From a former holder it changes nothing.</summary>
    public void Complete(BroadcastSubscription holder, Position position)
    {
        lock (_lock)
        {
            if (_holder == holder && _tracker.Complete(position))
            {
                _cursor = new LogCursor { Next = _tracker.CompletedThrough!.Value.Low + 1 };
            }
        }
    }
}
