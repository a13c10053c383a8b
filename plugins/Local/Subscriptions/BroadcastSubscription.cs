using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Events;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Local.Subscriptions;

/// <summary>A subscription that gets every message and is remembered nowhere: a cursor of its own in the shared log, and little else.</summary>
internal sealed class BroadcastSubscription(
    LocalEvent owner, SubscribeOptions options, ISubscriber subscriber, LogCursor begin, ResumeOutcome resume)
    : LocalSubscription(owner, options, subscriber)
{
    private readonly bool _latestOnly = options.LatestOnly;
    private readonly ulong _begin = begin.Next;
    private LogCursor _cursor = begin;

    public override ResumeOutcome Resume => resume;

    public override bool TracksSettlement => false;

    public override string? StartCursor => Owner.Log.FormatCursorBefore(_begin);

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        if (destination.IsEmpty)
        {
            return 0;
        }

        var log = Owner.Log;
        if (_latestOnly)
        {
            log.SkipToNewest(ref _cursor);
            destination = destination[..1];
        }

        var now = Owner.Log.NowTicks;
        return log.Read(ref _cursor, destination, maxBytes, now, GetAgeLimit(now), ResumeCursor.OfPosition, handle: null);
    }

    public override void Demand(int count)
    {
        Owner.Waiters.Arm(this);
        if (HasEnded)
        {
            Owner.Waiters.Disarm(this);
            Signal();
        }
        else if (Owner.Log.Tail > _cursor.Next)
        {
            Signal();
        }
    }

    public override ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        foreach (ref var settlement in settlements.Span)
        {
            // Nothing is held.
            settlement.Outcome = SettlementOutcome.LeaseLost;
        }

        return ValueTask.CompletedTask;
    }

    protected override void OnDisposed() => Owner.Waiters.Disarm(this);
}
