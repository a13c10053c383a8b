using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Storage;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Places;

/// <summary>A place in an event that is remembered: a worker group's, or a consumer id's, which is a group with one member at a time.</summary>
/// <remarks>It knows where new messages begin, what its members hold and what waits for its redelivery, and nothing of what is
/// settled: that can't grow behind a message that is not.</remarks>
internal sealed partial class Place : Waiter, IDisposable
{
    private readonly Lock _lock = new();
    private readonly EventLog _log;
    private readonly TimeProvider _clock;
    private readonly WaiterList _waiters;
    private readonly WaitingBudget _budget;
    private readonly MemoryMetrics _metrics;
    private readonly HashSet<PlaceMember> _members = [];
    private readonly Dictionary<string, PlaceMember> _membersByConsumer = [];
    private readonly DueTimer _timer;
    private readonly FreeMembers _free;
    private readonly Redeliveries _redeliveries;
    private LogCursor _cursor;

    // What deliveries carry. Replaced when the place is moved, so that what was handed out before is told from what comes again.
    private object _lease = new();
    private long _emptySince;

    public Place(PlaceKind kind, string name, LogCursor begin, EventLog log, WaiterList waiters, TransportState transport)
    {
        Kind = kind;
        Name = name;
        _log = log;
        _waiters = waiters;
        _clock = transport.Clock;
        _budget = transport.Waiting;
        _metrics = transport.Metrics;
        _cursor = begin;
        _timer = new DueTimer(_clock, OnTimer);
        _free = new FreeMembers(_clock);
        _redeliveries = new Redeliveries(_budget);
        _emptySince = _clock.GetTimestamp();
        ClosedNode = new LinkedListNode<Place>(this);
    }

    public PlaceKind Kind { get; }

    public string Name { get; }

    /// <summary>Gets or sets what all members have to agree on; null before the first. Belongs to the event.</summary>
    public GroupOptions? Options { get; set; }

    /// <summary>Gets the place's node in the list of consumer ids without a subscription. Belongs to the event.</summary>
    public LinkedListNode<Place> ClosedNode { get; }

    /// <summary>Lets a member in. One with the same consumer id leaves, and what it held is given back at once.</summary>
    /// <param name="member">The member.</param>
    /// <param name="cursor">Where the place stands.</param>
    /// <param name="firstSequence">The first message that the place may deliver.</param>
    /// <returns>The member that is taken over, to be told outside of all locks; null if there is none.</returns>
    public PlaceMember? Join(PlaceMember member, out LogCursor cursor, out ulong firstSequence)
    {
        lock (_lock)
        {
            PlaceMember? before = null;
            if (member.ConsumerId.Length > 0)
            {
                _membersByConsumer.Remove(member.ConsumerId, out before);
                _membersByConsumer[member.ConsumerId] = member;
            }

            if (before is not null)
            {
                Expel(before);
            }

            if (_members.Count == 0)
            {
                // Whoever comes back gets what was left unsettled before anything new.
                _redeliveries.Promote(_clock.GetTimestamp());
                _redeliveries.PutFirst();
            }

            _members.Add(member);
            cursor = _cursor;
            firstSequence = Kind == PlaceKind.ConsumerId ? Math.Min(cursor.Next, _redeliveries.FindOldest()) : cursor.Next;
            return before;
        }
    }

    /// <summary>Forgets a member and gives back what it held; whoever calls wakes the others for it, outside of its locks.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Leave(PlaceMember member)
    {
        lock (_lock)
        {
            if (member.HasLeft)
            {
                return false;
            }

            if (_membersByConsumer.TryGetValue(member.ConsumerId, out var holder) && holder == member)
            {
                _membersByConsumer.Remove(member.ConsumerId);
            }

            Expel(member);
            if (_members.Count > 0)
            {
                return false;
            }

            _emptySince = _clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>Moves the place. What members hold and what waits for its redelivery is the place's no more.</summary>
    /// <returns>What tells the members, to be called outside of all locks.</returns>
    public Action Seek(LogCursor cursor)
    {
        PlaceMember[] losers;
        object lost;
        lock (_lock)
        {
            lost = _lease;
            _lease = new object();
            losers = [.. _members.Where(static m => m.Held.Count > 0)];
            foreach (var member in losers)
            {
                member.Held.Clear();
            }

            _redeliveries.Clear();
            _cursor = cursor;
            _emptySince = _clock.GetTimestamp();
        }

        return () =>
        {
            foreach (var member in losers)
            {
                member.TellLost(delivery => ReferenceEquals(delivery.Handle, lost));
            }

            WakeForWork();
        };
    }

    public GroupDescription Describe()
    {
        lock (_lock)
        {
            // Before the tail is read: what is dropped beside this is not more than there is.
            var next = Math.Max(_cursor.Next, _log.Oldest);
            return new GroupDescription
            {
                Kind = Kind,
                Name = Name,
                Members = _members.Count,
                Lag = (long)(_log.Tail - next),
                Unsettled = _redeliveries.Count + _members.Sum(static m => (long)m.Held.Count),
            };
        }
    }

    /// <summary>Tells whether nobody has come for so long: since the last member left, and since the last thing that waited for its
    /// redelivery was due.</summary>
    public bool IsAbandoned(TimeSpan expiry)
    {
        lock (_lock)
        {
            var since = Math.Max(_emptySince, _redeliveries.LastDue);
            return _members.Count == 0 && _clock.GetElapsedTime(since) >= expiry;
        }
    }

    /// <summary>Copies what members hold of messages that the log has dropped, so that a small message keeps no large slab alive.</summary>
    public void LetGoOfDropped()
    {
        lock (_lock)
        {
            var oldest = _log.Oldest;
            foreach (var member in _members)
            {
                foreach (var (sequence, held) in member.Held.Where(h => h.Key < oldest && !Returned.IsOwn(h.Value.Message)).ToArray())
                {
                    member.Held[sequence] = held with { Message = Returned.Own(held.Message) };
                }
            }
        }
    }

    /// <summary>Ends the place with its event, or because it is forgotten.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var member in _members)
            {
                member.HasLeft = true;
                member.Held.Clear();
            }

            _members.Clear();
            _membersByConsumer.Clear();
            _free.Clear();
            _redeliveries.Clear();
            _timer.Dispose();
        }

        _waiters.Disarm(this);
        _budget.Forget(this);
    }

    private void Expel(PlaceMember member)
    {
        member.HasLeft = true;
        _members.Remove(member);
        _free.Remove(member);
        foreach (var (sequence, held) in member.Held.OrderBy(static h => h.Key))
        {
            // Nobody knows whether it was sent: missed messages are rather told of twice than never.
            var returned = new Returned { Sequence = sequence, RetryCount = held.RetryCount + 1, Missed = held.Missed };
            _redeliveries.AddDue(Keep(returned, held));
        }

        member.Held.Clear();
    }

    // Above the budget, what is in the log anyway is kept there only, for as long as retention leaves it.
    private Returned Keep(in Returned returned, Held held) => returned.Sequence >= _log.Oldest && _budget.IsExceeded
        ? returned
        : returned with { Message = Returned.Own(held.Message) };
}
