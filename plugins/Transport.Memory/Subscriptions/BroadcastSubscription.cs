using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory.Consumers;
using EventBroker.Transport.Memory.Events;
using EventBroker.Transport.Memory.Storage;

namespace EventBroker.Transport.Memory.Subscriptions;

/// <summary>A subscription that gets every message: a cursor of its own in the shared log, and little else.</summary>
internal sealed class BroadcastSubscription(
    EventEntry owner, SubscribeOptions options, IReadySignal ready) : MemorySubscription(owner, options, ready)
{
    private readonly bool _latestOnly = options.LatestOnly;
    private LogCursor _cursor;
    private ConsumerPlace? _place;
    private ResumeOutcome _resume;

    public override ResumeOutcome Resume => _resume;

    public override bool TracksCompletion => _place is not null;

    /// <summary>Sets where to begin. Called once, before anybody else sees the subscription.</summary>
    public void Begin(LogCursor cursor, ResumeOutcome resume, ConsumerPlace? place)
    {
        _cursor = cursor;
        _resume = resume;
        _place = place;
    }

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        if (destination.IsEmpty)
        {
            return 0;
        }

        var log = Owner.Log;
        var room = destination;
        if (_latestOnly)
        {
            log.SkipToNewest(ref _cursor);
            room = destination[..1];
        }

        var now = Owner.NowTicks;
        var count = log.Read(ref _cursor, room, maxBytes, now, GetAgeLimit(now), default);
        if (count > 0 && _place is not null)
        {
            count = _place.Add(this, destination[..count]);
        }

        if (count < destination.Length)
        {
            Arm(log);
        }

        return count;
    }

    public override void Complete(in Delivery delivery) => _place?.Complete(this, delivery.Position);

    public override void Release(in Delivery delivery, TimeSpan delay) =>
        throw new InvalidOperationException("only members of a worker group release deliveries");

    public override int FormatCursor(in Delivery delivery, Span<byte> destination) => Format(delivery.Position, destination);

    // The first message of a log is number 1, so there is a number before every message.
    public override int FormatStartCursor(Span<byte> destination) =>
        Format(new Position(Owner.Log.Epoch, _cursor.Next - 1), destination);

    protected override void OnDisposed()
    {
        Owner.Waiters.Disarm(this);
        if (_place is not null)
        {
            Owner.Consumers.Close(_place, this);
        }
    }

    private static int Format(Position position, Span<byte> destination) => position.TryFormat(destination, out var written)
        ? written
        : throw new ArgumentException("a cursor may need more room", nameof(destination));

    private void Arm(EventLog log)
    {
        Owner.Waiters.Arm(this);

        // A message appended before the line above signalled nobody: look once more, on this side of a fence.
        Interlocked.MemoryBarrier();
        if (HasEnded)
        {
            Owner.Waiters.Disarm(this);
            Signal();
        }
        else if (log.Tail > _cursor.Next)
        {
            Signal();
        }
    }
}
