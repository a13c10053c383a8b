using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>A worker group or consumer id, as far as this host has a part in it: one consumer with a thread of its own, the partitions that it
/// reads, what was read of them and is not settled, and the members to whom that is handed.</summary>
/// <remarks>
/// <para>The thread polls whatever members do, so that Kafka never takes this host for dead because of a slow worker. What members call takes the
/// lock, changes what is noted and returns; the thread, or a timer, commits.</para>
/// <para>A worker group is a consumer group of Kafka, which shares the partitions out among hosts. A consumer id has one holder, so that there is
/// nothing to share: its offsets are kept under a group's name, and the note beside them says who holds it.</para>
/// </remarks>
internal sealed partial class Place
{
    private readonly Lock _gate = new();
    private readonly KafkaState _state;
    private readonly List<PlaceMember> _members = [];
    private readonly HandOut _handOut = new();
    private readonly Dictionary<int, Share> _shares = [];
    private readonly DueTimer _commitTimer;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<PlaceOpening> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<BrokerException>? _end;
    private long? _maxAge;
    private bool _latestOnly;
    private bool _isClosing;

    public Place(EventTopic eventTopic, PlaceKind kind, string name, KafkaState state)
    {
        Event = eventTopic;
        Kind = kind;
        Name = name;
        Group = state.Groups.Format(kind, eventTopic.EventName, name);
        _state = state;
        _commitTimer = new DueTimer(state.Time, OnCommitDue);
    }

    public EventTopic Event { get; }

    public PlaceKind Kind { get; }

    public string Name { get; }

    /// <summary>Gets the name of the consumer group.</summary>
    public string Group { get; }

    /// <summary>Gets whether members can still come.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return !_isClosing && _end is null;
            }
        }
    }

    /// <summary>Gets a task that ends when nothing of the place is left here.</summary>
    public Task Closed => _closed.Task;

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

    /// <summary>Gets how far handing over is ahead of what is settled, in the partition where it is least: as long as one goes on, so does reading.</summary>
    public int UnsettledSpan
    {
        get
        {
            lock (_gate)
            {
                var least = long.MaxValue;
                foreach (var share in _shares.Values)
                {
                    least = Math.Min(least, share.HandedSpan);
                }

                return least == long.MaxValue ? 0 : (int)Math.Min(least, int.MaxValue);
            }
        }
    }

    /// <summary>Adds a member to a place that is open.</summary>
    /// <returns>The member; null if the place is closing.</returns>
    public PlaceMember? TryJoin(SubscribeOptions options, ISubscriber subscriber, PlaceOpening opening)
    {
        List<PlaceMember> before;
        PlaceMember member;
        lock (_gate)
        {
            if (_isClosing || _end is not null)
            {
                return null;
            }

            GroupOptions.Check(_state, this, options, _maxAge, _latestOnly);
            before = Kind == PlaceKind.ConsumerId ? [.. _members]
                : options.ConsumerId.Length == 0 ? []
                : _members.FindAll(m => m.Name == options.ConsumerId);
            member = new PlaceMember(this, options, subscriber, opening.Resume, Kind == PlaceKind.ConsumerId ? FormatStart() : null);
            _members.Add(member);
            _handOut.Join(member);
        }

        foreach (var one in before)
        {
            one.End(static () => BrokerErrors.SubscriptionEnded("another subscription has taken its consumer id over"));
            _ = LeaveAsync(one).AsTask();
        }

        return member;
    }

    /// <summary>Takes a member out; what it held goes to the others. With the last one the host leaves the place.</summary>
    public async ValueTask LeaveAsync(PlaceMember member)
    {
        Action? wake = null;
        var closing = Task.CompletedTask;
        lock (_gate)
        {
            if (!_members.Remove(member))
            {
                return;
            }

            _handOut.Leave(member);
            if (_members.Count == 0)
            {
                // What it holds still counts as handed over when the note is written.
                BeginClosing();
                closing = _closed.Task;
            }
            else
            {
                GiveBackAll(member);
                wake = _handOut.PlanWakeUps();
            }
        }

        wake?.Invoke();
        try
        {
            // Kafka may be out of reach: then the rest is done without anybody waiting.
            await closing.WaitAsync(_state.Settings.Timeout, _state.Time);
        }
        catch (TimeoutException)
        {
        }
    }

    /// <summary>Ends all members, and leaves.</summary>
    /// <param name="why">What they are told.</param>
    public void End(Func<BrokerException> why)
    {
        PlaceMember[] members;
        lock (_gate)
        {
            _end ??= why;
            members = [.. _members];
            BeginClosing();
        }

        foreach (var member in members)
        {
            member.End(why);
        }
    }

    /// <summary>Describes the place as far as this host knows: members, what it has not read of its partitions, what is unsettled there.</summary>
    /// <param name="high">The ends of the partitions.</param>
    /// <param name="here">Gets the partitions that this host reads.</param>
    public GroupDescription Describe(IReadOnlyList<long> high, HashSet<int> here)
    {
        lock (_gate)
        {
            var (lag, unsettled) = (0L, 0L);
            foreach (var share in _shares.Values)
            {
                here.Add(share.Partition);
                lag += Math.Max(0, high[share.Partition] - Math.Max(share.Next, 0));
                foreach (var record in share.Unsettled)
                {
                    var isNew = record.State == RecordState.Unread && record.Offset >= share.HandedBelow;
                    lag += isNew ? 1 : 0;
                    unsettled += isNew ? 0 : 1;
                }
            }

            return new GroupDescription { Kind = Kind, Name = Name, Members = _members.Count, Lag = lag, Unsettled = unsettled };
        }
    }

    /// <summary>Counts what was handed over or waits for that, and is not settled.</summary>
    public long CountUnsettled()
    {
        lock (_gate)
        {
            return _shares.Values.Sum(static s => (long)s.Unsettled.Count());
        }
    }

    /// <summary>Counts the partitions that are paused because of a message that is not settled.</summary>
    public int CountFull()
    {
        lock (_gate)
        {
            return _shares.Values.Count(static s => s.IsSpanFull);
        }
    }

    /// <summary>Calls a subscriber, whose fault is not the place's.</summary>
    public void Tell(Action call)
    {
        try
        {
            call();
        }
#pragma warning disable CA1031 // A subscriber that fails is its own affair.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            KafkaLog.SignalFailed(_state.Logger, exception, Event.EventName);
        }
    }

    // Under the lock.
    private void BeginClosing()
    {
        if (_isClosing)
        {
            return;
        }

        _isClosing = true;
        _commitTimer.Dispose();
        _offsets?.Wake();
        if (_thread is null)
        {
            _closed.TrySetResult();
        }
    }

    // Under the lock.
    private void GiveBackAll(PlaceMember member)
    {
        foreach (var share in _shares.Values)
        {
            foreach (var record in share.Unsettled)
            {
                if (record.State == RecordState.Held && record.Lease?.Member == member)
                {
                    GiveBack(record, record.Attempts + 1, wasNeverSent: false);
                }
            }
        }
    }

    // Under the lock.
    private void GiveBack(HeldRecord record, int attempts, bool wasNeverSent)
    {
        record.Lease = null;
        record.Attempts = attempts;
        record.State = RecordState.Unread;
        record.Share.IsDirty = true;
        _handOut.TakeBack(record, wasNeverSent);
    }

    // Under the lock.
    private string? FormatStart() => KafkaCursor.Format(Event.Epoch, MakeNext(static s => Math.Max(s.Mark, 0)));

    private long[] MakeNext(Func<Share, long> of)
    {
        var next = new long[Event.PartitionCount];
        foreach (var share in _shares.Values)
        {
            next[share.Partition] = of(share);
        }

        return next;
    }
}
