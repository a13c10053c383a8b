using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// What becomes of deliveries: settled by the subscriber, given back, left out.
public sealed partial class BrokerSubscription
{
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);

    private RecentSettlements _settled;

    /// <summary>Settles entries that all belong to this subscription; what became of each is written into it when the transport has answered.</summary>
    internal ValueTask SettleAsync(Memory<SettleEntry> entries)
    {
        SettlementBatch batch = default;
        var meetsBusy = false;
        lock (_gate)
        {
            Speak();
            var span = entries.Span;
            for (var i = 0; i < span.Length; i++)
            {
                if (span[i].Result == SettleResult.Undecided)
                {
                    span[i].Result = Settle(span[i], i, ref batch, ref meetsBusy);
                }
            }

            Unblock();
            Rearm();
        }

        if (batch.Count == 0)
        {
            return meetsBusy ? SettleBusyAsync(entries) : default;
        }

        var sent = SendAsync(batch, entries);
        return meetsBusy ? ThenBusyAsync(sent, entries) : sent;
    }

    /// <summary>Looks at a delivery without settling it.</summary>
    internal bool TryGet(long sequence, out InFlight entry)
    {
        lock (_gate)
        {
            var found = _table.TryFind(sequence, out var index);
            entry = found ? _table[index] : default;
            return found;
        }
    }

    // Under the lock. Undecided: the transport is asked, or is being asked for somebody else.
    private SettleResult Settle(in SettleEntry entry, int place, ref SettlementBatch batch, ref bool meetsBusy)
    {
        if (!_table.WasIssued(entry.AckId.Sequence))
        {
            return SettleResult.Unknown;
        }

        if (_isDisposed || !_table.TryFind(entry.AckId.Sequence, out var index))
        {
            return entry.IsRepeat && _settled.Has(entry.AckId.Sequence, entry.Settlement) ? SettleResult.Settled : SettleResult.Expired;
        }

        if (_table[index].State == DeliveryState.Settling)
        {
            meetsBusy = true;
            return SettleResult.Undecided;
        }

        if (entry.Settlement == Settlement.Extend)
        {
            _table.Extend(index, _timer.After(entry.Time ?? _setup.Options.AckTimeout));
            return SettleResult.Settled;
        }

        if (_table[index].State == DeliveryState.Taken)
        {
            _table.MarkSent(index, _time.GetTimestamp() + _ackTimeout);
        }

        switch (entry.Settlement)
        {
            case Settlement.Nack:
                return Nack(entry, place, index, ref batch);
            default:
                if (!Source.TracksSettlement)
                {
                    _table.Remove(index);
                    _settled.Note(entry.AckId.Sequence, Settlement.Ack);
                    return SettleResult.Settled;
                }

                AskTransport(index, place, SettlementAction.Complete, SettlementReason.Acked, default, ref batch);
                return SettleResult.Undecided;
        }
    }

    private SettleResult Nack(in SettleEntry entry, int place, int index, ref SettlementBatch batch)
    {
        ref readonly var slot = ref _table[index];
        var redelivery = Policy.Decide(SettlementReason.Nacked, slot.Attempts, entry.Time, !_table.IsNewest(slot.Sequence));
        switch (redelivery.Kind)
        {
            case RedeliveryKind.ToTransport:
                AskTransport(index, place, SettlementAction.Release, SettlementReason.Nacked, redelivery.Delay, ref batch);
                return SettleResult.Undecided;
            case RedeliveryKind.Drop when Source.TracksSettlement:
                AskTransport(index, place, SettlementAction.Complete, SettlementReason.LeftOut, default, ref batch);
                return SettleResult.Undecided;
            case RedeliveryKind.Wait when IsWaitingFull:
                _metrics.RedeliveriesRefused.Add(1);
                return SettleResult.Failed;
            default:
                var dropped = redelivery.Kind == RedeliveryKind.Drop;
                var gone = slot;
                _table.Remove(index);
                _settled.Note(entry.AckId.Sequence, Settlement.Nack);
                if (!dropped)
                {
                    Wait(gone, SettlementReason.Nacked, redelivery.Delay);
                }

                return SettleResult.Settled;
        }
    }

    private void AskTransport(
        int index, int place, SettlementAction action, SettlementReason reason, TimeSpan delay, ref SettlementBatch batch)
    {
        _table.BeginSettling(index);
        ref readonly var slot = ref _table[index];
        batch.Add(Make(slot.Delivery, action, reason, slot.Attempts, delay), slot.Sequence, place);
        _settling++;
    }

    // Under the lock. For what comes back without its subscriber's doing; the entry has left the table.
    private void GiveBack(in InFlight entry, SettlementReason reason, TimeSpan? delay, ref SettlementBatch batch)
    {
        var redelivery = Policy.Decide(reason, entry.Attempts, delay, !_table.IsNewest(entry.Sequence));
        switch (redelivery.Kind)
        {
            case RedeliveryKind.ToTransport:
                batch.Add(Make(entry.Delivery, SettlementAction.Release, reason, entry.Attempts, redelivery.Delay));
                break;
            case RedeliveryKind.Wait:
                Wait(entry, reason, redelivery.Delay);
                break;
            default:
                CompleteLeftOut(entry.Delivery, entry.Attempts, ref batch);
                break;
        }
    }

    private void Wait(in InFlight entry, SettlementReason reason, TimeSpan delay)
    {
        var waiting = _waiting ??= new DueQueue<WaitingDelivery>();
        var next = new WaitingDelivery
        {
            // A copy, so that a message that waits for long does not hold on to the transport's whole buffer. Its cursor would lead
            // back, and what was missed before it has been told.
            Delivery = entry.Delivery with { Message = Copy(entry), Missed = 0, Cursor = null },
            Attempts = entry.Attempts,
            Reason = reason,
        };
        _waitingBytes += entry.Delivery.Message.Length;
        if (delay > TimeSpan.Zero)
        {
            waiting.Add(next, _timer.After(delay));
        }
        else
        {
            waiting.AddDue(next);
            _signal.Set();
        }
    }

    private static EncodedMessage Copy(in InFlight entry) =>
        entry.IsCopied ? entry.Delivery.Message : new EncodedMessage(entry.Delivery.Message.Bytes.ToArray());

    // A newer message was taken, so nobody wants what waits any more.
    private void DropWaiting()
    {
        if (_waiting is not { Count: > 0 } waiting)
        {
            return;
        }

        SettlementBatch batch = default;
        lock (_gate)
        {
            while (waiting.TryTakeAny(out var next, out _))
            {
                CompleteLeftOut(next.Delivery, next.Attempts, ref batch);
            }

            _waitingBytes = 0;
        }

        SettleInBackground(batch);
    }

    private void CompleteLeftOut(in Delivery delivery, int attempts, ref SettlementBatch batch)
    {
        if (Source.TracksSettlement)
        {
            batch.Add(Make(delivery, SettlementAction.Complete, SettlementReason.LeftOut, attempts, default));
        }
    }

    private void CompleteLeftOut()
    {
        if (_leftOut is not { Count: > 0 } leftOut)
        {
            return;
        }

        SettlementBatch batch = default;
        foreach (var settlement in leftOut)
        {
            batch.Add(settlement);
        }

        leftOut.Clear();
        SettleInBackground(batch);
    }

    // Auto-ack. What the transport does not take is tried again, since no subscriber will.
    private ValueTask SettleSentAsync()
    {
        SettlementBatch batch = default;
        lock (_gate)
        {
            while (_table.TryRemoveTaken(out var entry))
            {
                batch.Add(Make(entry.Delivery, SettlementAction.Complete, SettlementReason.Acked, entry.Attempts + 1, default));
            }

            _inBackground += batch.Count;
            Unblock();
            Rearm();
        }

        return batch.Count == 0 ? default : SendAsync(batch, default);
    }

    private static TransportSettlement Make(
        in Delivery delivery, SettlementAction action, SettlementReason reason, int attempts, TimeSpan delay) => new()
        {
            Delivery = delivery,
            Action = action,
            Reason = reason,
            Attempts = attempts,
            Delay = delay,
        };
}
