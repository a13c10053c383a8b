using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Places;

internal sealed partial class Place
{
    /// <summary>The most messages that a member claims at a time while others are free, so that a burst is spread over them.</summary>
    public const int RunLength = 16;

    // Redeliveries and new messages take turns, over the boundaries of claims: a member may ask for one at a time.
    private bool _isNewOnesTurn;

    /// <summary>Hands messages to a member and ends its demand.</summary>
    /// <returns>How many; 0 also if the member has left.</returns>
    public int Claim(PlaceMember member, Span<Delivery> destination, int maxBytes, long nowTicks, long ageLimitTicks)
    {
        var count = 0;
        PlaceMember? next;
        lock (_lock)
        {
            if (member.HasLeft)
            {
                return 0;
            }

            _free.Remove(member);
            Refresh();
            if (!destination.IsEmpty)
            {
                // Those that were woken and have not come yet count as well, or the first to come would leave them nothing.
                var most = _free.Count > 0 ? Math.Min(destination.Length, RunLength) : destination.Length;
                var from = _cursor.Next;
                count = Take(member, destination[..most], maxBytes, nowTicks, ageLimitTicks);
                _journal?.HandedOver(destination[..count], from, _cursor.Next, _lease);
                Hold(member, destination[..count]);
            }

            next = WakeNext();
            ArmTimer();
        }

        next?.Signal();
        return count;
    }

    private int Take(PlaceMember member, Span<Delivery> destination, long maxBytes, long nowTicks, long ageLimitTicks)
    {
        if (member.LatestOnly)
        {
            _log.SkipToNewest(ref _cursor);
        }

        var count = 0;
        var isAtEnd = false;
        while (count < destination.Length && maxBytes > 0)
        {
            var redelivers = HasDueFor(member, others: _free.Count);
            var redeliversNow = redelivers && (_redeliveries.ComesFirst || !_isNewOnesTurn);
            if (!redeliversNow && !isAtEnd && !IsHeldBack())
            {
                var room = destination.Slice(count, redelivers || member.LatestOnly ? 1 : destination.Length - count);
                var cursor = Kind == PlaceKind.ConsumerId ? ResumeCursor.OfPosition : null;
                var taken = _log.Read(ref _cursor, room, maxBytes, nowTicks, ageLimitTicks, cursor, _lease);
                foreach (ref readonly var delivery in room[..taken])
                {
                    maxBytes -= delivery.Message.Length;
                }

                count += taken;
                isAtEnd = taken < room.Length || member.LatestOnly;
                _isNewOnesTurn = false;
            }
            else if (redelivers)
            {
                _isNewOnesTurn = true;
                if (TryTakeDue(out destination[count]))
                {
                    maxBytes -= destination[count++].Message.Length;
                }
            }
            else
            {
                break;
            }
        }

        return count;
    }

    private bool TryTakeDue(out Delivery delivery)
    {
        var returned = _redeliveries.TakeDue();
        if ((returned.Message ?? _log.Find(returned.Sequence) ?? _journal?.FindKept(returned.Sequence)) is not { } message)
        {
            // Retention has removed what was kept in the log only.
            _cursor.Missed++;
            _state.Metrics.AddMissed(1);
            delivery = default;
            return false;
        }

        delivery = new Delivery
        {
            Message = new EncodedMessage(message),
            Position = new Position(_log.Epoch, returned.Sequence),
            RetryCount = returned.RetryCount,
            Missed = returned.Missed,
            Cursor = Kind == PlaceKind.ConsumerId ? ResumeCursor.OfPosition : null,
            Handle = _lease,
        };
        return true;
    }

    private static void Hold(PlaceMember member, ReadOnlySpan<Delivery> deliveries)
    {
        foreach (ref readonly var delivery in deliveries)
        {
            member.Held[delivery.Position.Low] = new Held
            {
                Message = delivery.Message.Bytes,
                RetryCount = delivery.RetryCount,
                Missed = delivery.Missed,
            };
        }
    }

    // What a member has let expire goes to another one that is free, if there is one. The queue keeps its order, so only the
    // first that is due matters: it is taken soon, by one of the others.
    private bool HasDueFor(PlaceMember member, int others) =>
        _redeliveries.TryPeekDue(out var first) && (others == 0 || first.ExpiredWith != member.Number);

    private bool IsHeldBack() => _redeliveries.Count > 0 && _budget.HoldsBack(this);
}
