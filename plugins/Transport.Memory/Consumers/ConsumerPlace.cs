using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Consumers;

/// <summary>Where a consumer id stopped: behind the last message up to which everything is completed, and what was read beyond that.</summary>
/// <remarks>The next holder gets what its predecessors left unsettled, with a retry count one higher each time, and not what they
/// completed behind a gap.</remarks>
internal sealed class ConsumerPlace
{
    private readonly Lock _lock = new();
    private CompletionTracker _tracker = new();
    private Dictionary<ulong, int> _returning = [];
    private ulong _nextUnread;
    private ulong _lastRead;
    private long _missed;
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
            CollectUnsettled();
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

    /// <summary>Notes what the holder has read, takes out what was completed by a former holder, and counts the retries of
    /// what was not.</summary>
    /// <returns>How many deliveries are left, at the beginning of the span.</returns>
    public int Add(BroadcastSubscription holder, Span<Delivery> deliveries)
    {
        lock (_lock)
        {
            if (_holder != holder)
            {
                return deliveries.Length;
            }

            var kept = 0;
            foreach (var delivery in deliveries)
            {
                var sequence = delivery.Position.Low;
                _missed += delivery.Missed;
                _lastRead = sequence;
                var retries = 0;
                if (sequence < _nextUnread && !_returning.TryGetValue(sequence, out retries))
                {
                    continue;
                }

                _tracker.Add(delivery.Position);
                deliveries[kept++] = delivery with { RetryCount = retries, Missed = _missed };
                _missed = 0;
            }

            return kept;
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

    // What the last holder read and left, and what its predecessors left and it did not come to.
    private void CollectUnsettled()
    {
        var returning = _returning.Where(entry => entry.Key > _lastRead).ToDictionary();
        foreach (var position in _tracker.GetUncompleted())
        {
            returning[position.Low] = _returning.GetValueOrDefault(position.Low) + 1;
        }

        _returning = returning;
        _nextUnread = Math.Max(_nextUnread, _lastRead + 1);
        _lastRead = 0;
        _missed = 0;
        _tracker = new CompletionTracker();
    }
}
