using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Storage;
using EventBroker.Transport.Local.Subscriptions;

namespace EventBroker.Transport.Local.Places;

/// <summary>A place in an event that is remembered: a worker group's, or a consumer id's, which is a group with one member at a time.</summary>
/// <remarks>It knows where new messages begin, what its members hold and what waits for its redelivery, and nothing of what is
/// settled: that can't grow behind a message that is not.</remarks>
internal sealed partial class Place : Waiter, IDisposable
{
    private readonly Lock _lock = new();
    private readonly MessageLog _log;
    private readonly TimeProvider _clock;
    private readonly WaiterList _waiters;
    private readonly WaitingBudget _budget;
    private readonly LocalState _state;
    private readonly IPlaceJournal? _journal;
    private readonly HashSet<PlaceMember> _members = [];
    private readonly Dictionary<string, PlaceMember> _membersByConsumer = [];
    private readonly DueTimer _timer;
    private readonly FreeMembers _free;
    private readonly Redeliveries _redeliveries;
    private LogCursor _cursor;

    // What deliveries carry. Replaced when the place is moved, so that what was handed out before is told from what comes again.
    private Lease _lease;
    private long _emptySince;

    // What is neither held nor waiting, because its settlement is on its way to the journal.
    private int _settlingCount;

    public Place(
        PlaceKind kind, string name, LogCursor begin, MessageLog log, WaiterList waiters, LocalState state, IPlaceJournal? journal, Lease lease)
    {
        Kind = kind;
        Name = name;
        _log = log;
        _waiters = waiters;
        _state = state;
        _journal = journal;
        _lease = lease;
        _clock = state.Clock;
        _budget = state.Waiting;
        _cursor = begin;
        _timer = new DueTimer(_clock, OnTimer);
        _free = new FreeMembers(_clock);
        _redeliveries = new Redeliveries(_budget);
        _emptySince = _clock.GetTimestamp();
        ClosedNode = new LinkedListNode<Place>(this);
    }

    public PlaceKind Kind { get; }

    public string Name { get; }

    /// <summary>Gets what all members have to agree on; null before the first. Belongs to the event.</summary>
    public GroupOptions? Options { get; private set; }

    /// <summary>Gets the task that ends when the place is remembered as far as its members may rely on it. Belongs to the event.</summary>
    public Task Made { get; private set; } = Task.CompletedTask;

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
    /// <returns>A task that ends when the place is moved and the members are told. Not to be called under any lock.</returns>
    public async ValueTask SeekAsync(LogCursor cursor)
    {
        if (_journal is null)
        {
            Seek(cursor, new Lease(0));
            return;
        }

        Task<Lease> moved;
        lock (_lock)
        {
            moved = _journal.SeekAsync(cursor.Next);
        }

        Seek(cursor, await moved);
    }

    private void Seek(LogCursor cursor, Lease next)
    {
        PlaceMember[] losers;
        Lease lost;
        lock (_lock)
        {
            if (_journal is not null && next.Generation <= _lease.Generation)
            {
                // A later move came first.
                return;
            }

            lost = _lease;
            _lease = next;
            losers = [.. _members.Where(static m => m.Held.Count > 0)];
            foreach (var member in losers)
            {
                member.Held.Clear();
            }

            _redeliveries.Clear();
            _cursor = cursor;
            _emptySince = _clock.GetTimestamp();
        }

        foreach (var member in losers)
        {
            member.TellLost(delivery => ReferenceEquals(delivery.Handle, lost));
        }

        WakeForWork();
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
                Unsettled = _redeliveries.Count + _settlingCount + _members.Sum(static m => (long)m.Held.Count),
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

    /// <summary>Notes what all members have to agree on, or refuses a member that asks for something else.</summary>
    public void Agree(SubscribeOptions options)
    {
        if (Options is not null)
        {
            Options.Check(options, _state.Name);
            return;
        }

        Options = new GroupOptions(options);
        if (_journal is not null)
        {
            Made = Task.WhenAll(Made, _journal.SetOptionsAsync(Options));
        }
    }

    /// <summary>Notes how a place begins that is new, or that a process before this one has left. Called once, before anybody else sees it.</summary>
    /// <param name="options">What its members have agreed on.</param>
    /// <param name="made">Ends when it is remembered.</param>
    /// <param name="returned">What was handed over and not settled, with how long it still waits, in the order in which it comes again.</param>
    public void Begin(GroupOptions? options, Task made, IEnumerable<(Returned Message, TimeSpan Delay)> returned)
    {
        Options = options;
        Made = made;
        lock (_lock)
        {
            foreach (var (message, delay) in returned)
            {
                if (delay > TimeSpan.Zero)
                {
                    _redeliveries.Add(message, _timer.After(delay));
                }
                else
                {
                    _redeliveries.AddDue(message);
                }
            }

            ArmTimer();
        }
    }

    /// <summary>Notes once more in the journal what the members hold.</summary>
    public void NoteHeld()
    {
        lock (_lock)
        {
            foreach (var member in _members)
            {
                foreach (var (sequence, held) in member.Held)
                {
                    _journal?.StillHeld(sequence, held.RetryCount, _lease);
                }
            }
        }
    }

    /// <summary>Ends the place, and forgets what is remembered of it.</summary>
    public void Forget()
    {
        Dispose();
        lock (_lock)
        {
            _journal?.Forget();
        }
    }

    /// <summary>Ends the place with its event.</summary>
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
            _journal?.Returned(sequence, held.RetryCount + 1, held.Message, _lease);
            var returned = new Returned { Sequence = sequence, RetryCount = held.RetryCount + 1, Missed = held.Missed };
            _redeliveries.AddDue(Keep(returned, held));
        }

        member.Held.Clear();
    }

    // Above the budget, what is in the log anyway is kept there only, for as long as retention leaves it.
    // What a journal remembers is read from there.
    private Returned Keep(in Returned returned, Held held) => _journal is not null || (returned.Sequence >= _log.Oldest && _budget.IsExceeded)
        ? returned
        : returned with { Message = Returned.Own(held.Message) };
}
