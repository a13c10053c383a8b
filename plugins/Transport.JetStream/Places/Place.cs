using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Events;
using EventBroker.Transport.JetStream.Pulling;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>A worker group or consumer id, as far as this host has a part in it: its durable consumer, what was pulled from it, and who
/// waits for that.</summary>
/// <remarks>No more is pulled than the members demand. What has come and nobody reads waits here for another member; after
/// <see cref="Patience"/> it goes back to the servers, for other hosts.</remarks>
#pragma warning disable CA1001 // Its end disposes of the timer.
internal sealed partial class Place : IPullSink
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly TransportState _transport;
    private readonly List<PlaceMember> _members = [];

    private readonly HandOut<HeldMessage> _handOut = new();

    // Everything that is here, read or not, by its place in the stream: the servers may deliver it again while it is held.
    private readonly Dictionary<ulong, HeldMessage> _held = [];
    private readonly RecentEnds _ended = new();
    private readonly DueTimer _timer;
    private DateTimeOffset _created;
    private int _generation;
    private ulong _lastSequence;
    private ulong _lastConsumerSequence;
    private ulong _highestSequence;
    private bool _isGone;

    public Place(EventStream stream, PlaceKind kind, string name, string consumer, PlaceNote note, TransportState transport)
    {
        Event = stream;
        Kind = kind;
        Name = name;
        Consumer = consumer;
        Note = note;
        _transport = transport;
        _timer = new DueTimer(transport.Link.Time, OnTimer);
    }

    public EventStream Event { get; }

    public PlaceKind Kind { get; }

    public string Name { get; }

    /// <summary>Gets the name of the durable consumer.</summary>
    public string Consumer { get; }

    public PlaceNote Note { get; }

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

    /// <summary>Gets how long something that nobody reads may wait here.</summary>
    private TimeSpan Patience => TimeSpan.FromTicks(Math.Min(_transport.Settings.AckWait.Ticks / 4, 5 * TimeSpan.TicksPerSecond));

    /// <summary>Takes over what the servers say of the consumer, when the place is opened or was moved.</summary>
    public void Begin(ConsumerInfo info)
    {
        lock (_gate)
        {
            if (_created == info.Created)
            {
                return;
            }

            _created = info.Created;
            _generation++;
            _highestSequence = 0;
            _ended.Clear();
            _lastSequence = info.Delivered.StreamSeq;
            _lastConsumerSequence = info.Delivered.ConsumerSeq;
        }
    }

    /// <summary>Adds a member.</summary>
    /// <returns>The members that it takes over from: the one of its name, or whoever held the consumer id.</returns>
    public IReadOnlyList<PlaceMember> Join(PlaceMember member)
    {
        lock (_gate)
        {
            if (_isGone)
            {
                throw BrokerErrors.SubscriptionEnded("its place was removed");
            }

            var before = FindNamed(member.Name);
            _members.Add(member);
            _handOut.Join(member);
            return before;
        }
    }

    /// <summary>Ends members whose name another subscription has taken over; what they held comes again.</summary>
    public void TakeOver(IReadOnlyList<PlaceMember> members)
    {
        foreach (var member in members)
        {
            member.End(() => BrokerErrors.TakenOver(member.Name));
            _ = LeaveAsync(member).AsTask();
        }
    }

    /// <summary>Ends the members of a name, which another host has taken over.</summary>
    public void TakeOver(string name)
    {
        IReadOnlyList<PlaceMember> members;
        lock (_gate)
        {
            members = FindNamed(name);
        }

        TakeOver(members);
    }

    /// <summary>Ends all members.</summary>
    public void End(Func<BrokerException> why)
    {
        PlaceMember[] members;
        lock (_gate)
        {
            _isGone = true;
            members = [.. _members];
            _timer.Dispose();
        }

        foreach (var member in members)
        {
            member.End(why);
        }
    }

    /// <summary>Takes a member out, and gives back what it held.</summary>
    public async ValueTask LeaveAsync(PlaceMember member)
    {
        List<HeldMessage> returned = [];
        Action? wake = null;
        PullInbox? idle = null;
        Task retiring;
        bool isLast;
        lock (_gate)
        {
            if (!_members.Remove(member))
            {
                return;
            }

            _handOut.Leave(member);
            isLast = _members.Count == 0;
            LetGo(member, returned);
            if (isLast || !_handOut.AnyWaits)
            {
                idle = DetachPulls();
            }

            retiring = isLast ? _retiring : Task.CompletedTask;
            if (!isLast)
            {
                wake = _handOut.PlanWakeUps();
            }
        }

        wake?.Invoke();
        if (idle is not null)
        {
            await RetireAsync(idle);
        }

        await retiring;
        lock (_gate)
        {
            // What the server had sent by then has come meanwhile.
            LetGo(member, returned);
        }

        await SendAllAsync(returned, Nak);
        Event.PlaceLeft(this, isLast);
    }

    /// <summary>Takes all members out, before the connection goes.</summary>
    public async ValueTask LeaveAllAsync()
    {
        PlaceMember[] members;
        lock (_gate)
        {
            members = [.. _members];
        }

        foreach (var member in members)
        {
            await LeaveAsync(member);
        }
    }

    // Under the lock.
    private List<PlaceMember> FindNamed(string name) =>
        Kind == PlaceKind.ConsumerId ? [.. _members]
        : name.Length == 0 ? []
        : _members.FindAll(m => m.Name == name);

    // Under the lock. What a member that has left held, and with the last one what nobody reads any more.
    private void LetGo(PlaceMember left, List<HeldMessage> returned)
    {
        var before = returned.Count;
        foreach (var message in _held.Values)
        {
            // What is being settled stays with whoever settles it.
            if ((message.Holder == left || (_members.Count == 0 && message.Holder is null)) && message.Settling is null)
            {
                returned.Add(message);
            }
        }

        returned[before..].ForEach(LetGo);
    }

    // Under the lock. The servers are to have it back.
    private void LetGo(HeldMessage message)
    {
        _ended.Add(message, isSettled: false);
        Drop(message);
    }

    // Under the lock.
    private void Drop(HeldMessage message)
    {
        message.IsOver = true;
        if (_held.TryGetValue(message.Sequence, out var held) && held == message)
        {
            _held.Remove(message.Sequence);
        }

        if (message.Holder is null)
        {
            _handOut.Remove(message);
        }
    }
}
