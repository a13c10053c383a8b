using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Storage;

namespace EventBroker.Transport.Memory.Groups;

/// <summary>A worker group: one shared cursor, the members that wait for messages in the order in which they began to, and
/// what was given back.</summary>
/// <remarks>Free members take runs of at most <see cref="RunLength"/> while others wait, so that a burst is spread over them.
/// A woken member may be slow to come (its connection is stuck): while messages lie there and others wait,
/// a timer wakes the next.</remarks>
internal sealed class WorkerGroup : IDisposable
{
    /// <summary>The most messages that a member claims at a time while others wait.</summary>
    public const int RunLength = 16;

    /// <summary>How long messages may lie there, with somebody waiting, before another member is woken.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly EventLog _log;
    private readonly TimeProvider _clock;
    private readonly long _origin;
    private readonly RedeliveryQueue _redeliveries;
    private readonly LinkedList<GroupMember> _waiting = [];
    private readonly Dictionary<string, GroupMember> _membersByConsumer = [];
    private readonly ITimer _timer;
    private LogCursor _cursor;
    private long _timerDue = long.MaxValue;
    private int _waitingCount;
    private int _wokenCount;
    private bool _closed;

    public WorkerGroup(EventLog log, MemorySettings settings, TimeProvider clock, StorageBudget budget, LogCursor begin)
    {
        _log = log;
        _clock = clock;
        _origin = clock.GetTimestamp();
        _redeliveries = new RedeliveryQueue(settings, budget);
        _cursor = begin;
        _timer = clock.CreateTimer(static group => ((WorkerGroup)group!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long Elapsed => _clock.GetElapsedTime(_origin).Ticks;

    /// <summary>Notes a member under its consumer id.</summary>
    /// <returns>The member that had the consumer id before; null if there was none.</returns>
    public GroupMember? Join(GroupMember member, string consumerId)
    {
        if (consumerId.Length == 0)
        {
            return null;
        }

        lock (_lock)
        {
            _membersByConsumer.Remove(consumerId, out var before);
            _membersByConsumer[consumerId] = member;
            return before;
        }
    }

    /// <summary>Hands messages to a member: first what is due for redelivery, then new ones.</summary>
    public int Claim(
        GroupMember member, Span<Delivery> destination, int maxBytes, long nowTicks, long ageLimitTicks, Span<long> accepted)
    {
        int count;
        GroupMember? next;
        lock (_lock)
        {
            if (_closed)
            {
                return 0;
            }

            StopWaiting(member);
            ComeBack(member);
            var latestOnly = member.LatestOnly;
            if (latestOnly)
            {
                _log.SkipToNewest(ref _cursor);
            }

            // Those that were woken and have not come yet count as well, or the first to come would leave them nothing.
            var most = _waitingCount + _wokenCount > 0 ? Math.Min(destination.Length, RunLength) : destination.Length;
            count = TakeRedeliveries(destination[..most], ref maxBytes, ageLimitTicks, latestOnly, accepted);
            if (count < most && maxBytes > 0 && !_redeliveries.IsFull)
            {
                var room = latestOnly ? 1 : most - count;
                count += _log.Read(
                    ref _cursor, destination.Slice(count, room), maxBytes, nowTicks, ageLimitTicks, accepted.Slice(count, room));
            }

            if (count < destination.Length)
            {
                _waiting.AddLast(member.Node);
                _waitingCount++;

                // A message appended before the member waited woke nobody: look once more, on this side of a fence.
                Interlocked.MemoryBarrier();
            }

            next = HasWork() ? NextWaiting() : null;
        }

        next?.Signal();
        return count;
    }

    /// <summary>Takes deliveries back for redelivery.</summary>
    public void TakeBack(ReadOnlySpan<Held> deliveries, TimeSpan delay)
    {
        lock (_lock)
        {
            Enqueue(deliveries, delay);
        }

        WakeForWork();
    }

    /// <summary>Forgets a member and takes back what it held.</summary>
    public void Leave(GroupMember member, string consumerId, ReadOnlySpan<Held> deliveries)
    {
        lock (_lock)
        {
            StopWaiting(member);
            ComeBack(member);
            if (_membersByConsumer.TryGetValue(consumerId, out var holder) && holder == member)
            {
                _membersByConsumer.Remove(consumerId);
            }

            Enqueue(deliveries, TimeSpan.Zero);
        }

        WakeForWork();
    }

    /// <summary>Wakes as many waiting members as there is work for. There must be a full fence between publishing messages
    /// and this call.</summary>
    public void WakeForWork()
    {
        if (Volatile.Read(ref _waitingCount) == 0)
        {
            return;
        }

        // Signalled one by one outside the lock; almost always it is one.
        for (var woken = 0; ; woken++)
        {
            GroupMember? next;
            lock (_lock)
            {
                next = HasWork() && (long)woken * RunLength < Math.Max(1, Backlog) ? NextWaiting() : null;
            }

            if (next is null)
            {
                return;
            }

            next.Signal();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _redeliveries.Clear();
            _waiting.Clear();
            _waitingCount = 0;
        }

        _timer.Dispose();
    }

    private long Backlog => (long)(_log.Tail - _cursor.Next) + _redeliveries.Count;

    private bool HasWork() => _redeliveries.IsFull || (_log.Tail > _cursor.Next) || (!_redeliveries.IsEmpty && _redeliveries.HasDue(Elapsed));

    private GroupMember? NextWaiting()
    {
        var first = _waiting.First?.Value;
        if (first is not null)
        {
            StopWaiting(first);
            first.IsWoken = true;
            _wokenCount++;
            if (_waitingCount > 0)
            {
                SetTimer(Elapsed + Patience.Ticks);
            }
        }

        return first;
    }

    private void ComeBack(GroupMember member)
    {
        if (member.IsWoken)
        {
            member.IsWoken = false;
            _wokenCount--;
        }
    }

    private void StopWaiting(GroupMember member)
    {
        if (member.Node.List is not null)
        {
            _waiting.Remove(member.Node);
            _waitingCount--;
        }
    }

    private int TakeRedeliveries(Span<Delivery> destination, ref int maxBytes, long ageLimitTicks, bool latestOnly, Span<long> accepted)
    {
        if (_redeliveries.IsEmpty)
        {
            return 0;
        }

        var count = 0;
        var elapsed = Elapsed;
        while (count < destination.Length && maxBytes > 0 && !_redeliveries.IsEmpty && _redeliveries.HasDue(elapsed))
        {
            var held = _redeliveries.Dequeue();
            if (held.AcceptedTicks < ageLimitTicks || (latestOnly && held.Sequence < _log.Tail - 1))
            {
                // Too old, or overtaken by a newer one: done with, for all members.
                continue;
            }

            accepted[count] = held.AcceptedTicks;
            destination[count++] = new Delivery
            {
                Message = new EncodedMessage(held.Message),
                Position = new Position(_log.Epoch, held.Sequence),
                RetryCount = held.RetryCount,
            };
            maxBytes -= held.Message.Length;
        }

        return count;
    }

    private void Enqueue(ReadOnlySpan<Held> deliveries, TimeSpan delay)
    {
        if (_closed || deliveries.IsEmpty)
        {
            return;
        }

        var due = Elapsed + Math.Max(0, delay.Ticks);
        foreach (ref readonly var delivery in deliveries)
        {
            _redeliveries.Enqueue(delivery, due);
        }

        if (delay > TimeSpan.Zero)
        {
            SetTimer(due);
        }
    }

    private void SetTimer(long due)
    {
        if (due < _timerDue && !_closed)
        {
            _timerDue = due;

            // Rounded up: a timer that fires a moment too early would find nothing and be set again.
            var wait = Math.Max(due - Elapsed, 0) + TimeSpan.TicksPerMillisecond - 1;
            _timer.Change(TimeSpan.FromMilliseconds(wait / TimeSpan.TicksPerMillisecond), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        GroupMember? next;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _timerDue = long.MaxValue;
            var elapsed = Elapsed;
            next = HasWork() ? NextWaiting() : null;
            var due = _redeliveries.NextDue;
            if (due > elapsed && due != long.MaxValue)
            {
                SetTimer(due);
            }
        }

        next?.Signal();
    }
}
