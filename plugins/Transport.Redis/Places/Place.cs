using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

/// <summary>A worker group's or consumer id's place in an event, as far as this host has members there: a consumer group in Redis. One loop
/// fetches for all members that wait, so that a new message costs one call and not one for each.</summary>
internal sealed partial class Place : IDisposable
{
    private readonly Lock _gate = new();
    private readonly EventEntry _entry;
    private readonly PlaceKind _kind;
    private readonly RedisKey _hash;
    private readonly RedisKey _due;
    private readonly DueTimer _timer;
    private readonly HashSet<PlaceMember> _members = [];
    private readonly LinkedList<PlaceMember> _waiting = [];

    // Changes when the place is moved or made anew: what was handed out before is told from what comes again.
    private string _epoch = "";

    // Where the place stood when this host last read, should Redis lose the group.
    private Position _last;
    private long _ordinal;
    private string _generation;
    private long _missed;

    // How much is unsettled here, as Redis said last.
    private long _pending;
    private bool _isClosed;

    public Place(EventEntry entry, PlaceKind kind, string group)
    {
        _entry = entry;
        _kind = kind;
        Group = group;
        _hash = entry.Keys.PlaceHash(group);
        _due = entry.Keys.Due(group);
        _generation = entry.Generation;
        _timer = new DueTimer(entry.State.Time, OnTimer);
    }

    public string Group { get; }

    public int MemberCount
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    private RedisState State => _entry.State;

    /// <summary>Lets a member in. What one with the same name held was given back when the place was opened.</summary>
    /// <returns>The member that is taken over, to be told outside of all locks; null if there is none.</returns>
    public PlaceMember? Join(PlaceMember member, string epoch, Position last, long ordinal, out bool isFirst)
    {
        member.BelongTo(this);
        lock (_gate)
        {
            var before = member.HolderField.Length == 0
                ? null
                : _members.FirstOrDefault(m => m.HolderField == member.HolderField);
            if (before is not null)
            {
                Expel(before);
            }

            isFirst = _members.Count == 0;
            if (isFirst)
            {
                _epoch = epoch;
                (_last, _ordinal, _generation) = (last, ordinal, _entry.Generation);
                _returnedFirst = true;
            }

            _members.Add(member);
            _mayHaveMore = true;
            ArmTimer();
            return before;
        }
    }

    /// <summary>Hands over what was fetched for a member, and ends its demand.</summary>
    public int Take(PlaceMember member, Span<Delivery> destination, int maxBytes)
    {
        var count = 0;
        long missed = 0;
        lock (_gate)
        {
            if (member.Node.List is not null)
            {
                _waiting.Remove(member.Node);
            }

            if (destination.IsEmpty || IsStale(member))
            {
                GiveBackUnread(member);
            }

            while (count < destination.Length && maxBytes > 0 && member.Buffer.TryDequeue(out var fetched))
            {
                var (entry, lease) = fetched;
                missed += _missed;
                destination[count++] = new Delivery
                {
                    Message = entry.Message,
                    Position = entry.Position,
                    RetryCount = entry.RetryCount,
                    Missed = _missed,
                    Cursor = entry.Cursor,
                    Handle = lease,
                };
                _missed = 0;
                maxBytes -= entry.Message.Length;
            }
        }

        State.Metrics.Add(State.Metrics.Delivered, count);
        State.Metrics.Add(State.Metrics.Missed, missed);
        return count;
    }

    /// <summary>Forgets a member and gives back what it holds.</summary>
    public async Task LeaveAsync(PlaceMember member)
    {
        Task fetching;
        lock (_gate)
        {
            Expel(member);
            fetching = member.Fetching;
        }

        // What is on its way to it was not handed over.
        await fetching;
        List<ReadEntry> unread;
        lock (_gate)
        {
            unread = Drain(member);
        }

        await LeaveAsync(member, unread, forGood: true);
    }

    /// <summary>Says that entries were taken from a consumer that did not renew them.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="taken">The entries, and how often each had been handed over: it may have got them once more since then.</param>
    public void OnTaken(string consumer, IReadOnlyDictionary<Position, int> taken)
    {
        PlaceMember? member;
        lock (_gate)
        {
            member = _members.FirstOrDefault(m => m.Consumer == consumer);
            if (member is null)
            {
                return;
            }

            var kept = member.Buffer.Where(b => !IsTaken(b.Entry.Position, b.Entry.RetryCount)).ToList();
            member.Buffer.Clear();
            kept.ForEach(member.Buffer.Enqueue);
        }

        TellLost(member, d => IsTaken(d.Position, d.RetryCount) && Lease.IsOf(d, consumer));

        bool IsTaken(Position position, int retryCount) => taken.TryGetValue(position, out var count) && retryCount < count;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
            _timer.Dispose();
        }

        NotePending(0);
    }

    private void Expel(PlaceMember member)
    {
        member.HasLeft = true;
        _members.Remove(member);
        if (member.Node.List is not null)
        {
            _waiting.Remove(member.Node);
        }
    }

    // Fetched so long ago that it may be another's before it is renewed for the first time: nobody comes for it, or this host stood still.
    private bool IsStale(PlaceMember member) =>
        member.Buffer.Count > 0 && State.Time.GetElapsedTime(member.BufferedAt) >= State.Settings.IdleLimit / 2;

    private static List<ReadEntry> Drain(PlaceMember member)
    {
        var unread = member.Buffer.Select(static b => b.Entry).ToList();
        member.Buffer.Clear();
        return unread;
    }

    private void TellLost(PlaceMember member, Predicate<Delivery> isLost)
    {
        var lost = 0;
        member.TellLost(d =>
        {
            var isOne = isLost(d);
            lost += isOne ? 1 : 0;
            return isOne;
        });
        State.Metrics.Add(State.Metrics.Lost, lost);
    }
}
