using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Events;
using EventBroker.Transport.Memory.Subscriptions;

namespace EventBroker.Transport.Memory.Groups;

/// <summary>A subscription that shares the messages with the other members of its worker group. Knows what it has
/// handed out, so that disposing it gives back what is unsettled.</summary>
internal sealed class GroupMember : MemorySubscription
{
    private readonly WorkerGroup _group;
    private readonly string _consumerId;
    private readonly Dictionary<ulong, Held> _held = [];
    private long[] _accepted = [];
    private bool _closed;

    public GroupMember(EventEntry owner, SubscribeOptions options, IReadySignal ready, WorkerGroup group)
        : base(owner, options, ready)
    {
        _group = group;
        _consumerId = options.ConsumerId;
        LatestOnly = options.LatestOnly;
        Node = new LinkedListNode<GroupMember>(this);
    }

    public override bool TracksCompletion => true;

    public bool LatestOnly { get; }

    /// <summary>Gets the member's node in the group's list of those that wait.</summary>
    public LinkedListNode<GroupMember> Node { get; }

    /// <summary>Gets or sets whether the group has woken the member, which has not come back since. Belongs to the group.</summary>
    public bool IsWoken { get; set; }

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        if (destination.IsEmpty)
        {
            return 0;
        }

        if (_accepted.Length < destination.Length)
        {
            _accepted = new long[destination.Length];
        }

        var now = Owner.NowTicks;
        var accepted = _accepted.AsSpan(0, destination.Length);
        var count = _group.Claim(this, destination, maxBytes, now, GetAgeLimit(now), accepted);
        lock (_held)
        {
            for (var i = 0; i < count; i++)
            {
                ref readonly var delivery = ref destination[i];
                _held[delivery.Position.Low] = new Held
                {
                    Sequence = delivery.Position.Low,
                    Message = delivery.Message.Bytes,
                    AcceptedTicks = accepted[i],
                    RetryCount = delivery.RetryCount,
                };
            }

            if (!_closed)
            {
                return count;
            }
        }

        // Disposed while it was reading: nobody will settle these.
        GiveBackAll();
        ThrowIfEnded();
        return 0;
    }

    public override void Complete(in Delivery delivery)
    {
        lock (_held)
        {
            _held.Remove(delivery.Position.Low);
        }
    }

    public override void Release(in Delivery delivery, TimeSpan delay)
    {
        Held held;
        lock (_held)
        {
            if (!_held.Remove(delivery.Position.Low, out held))
            {
                return;
            }
        }

        _group.TakeBack([held], delay);
    }

    // The place is the group's: a cursor of one member would say nothing.
    public override int FormatCursor(in Delivery delivery, Span<byte> destination) => 0;

    protected override void OnDisposed()
    {
        lock (_held)
        {
            _closed = true;
        }

        GiveBackAll();
    }

    private void GiveBackAll()
    {
        Held[] rest;
        lock (_held)
        {
            rest = [.. _held.Values];
            _held.Clear();
        }

        _group.Leave(this, _consumerId, rest);
    }
}
