using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// What becomes of deliveries: settled by the subscriber, given back, or dropped.
public sealed partial class BrokerSubscription
{
    // The queue is made with the first redelivery, since most subscriptions never have one. Where a newer message takes the place of what
    // waits, that takes up no room: it would keep the newer one away.
    private int WaitingCount => _terms.DropsOutdated ? 0 : _redeliveries?.Count ?? 0;

    private long WaitingBytes => _terms.DropsOutdated ? 0 : _redeliveries?.Bytes ?? 0;

    /// <summary>Gets whether settlements have to be flushed before their success is told.</summary>
    internal bool NeedsFlush => Source.TracksCompletion || _terms.ReleasesToTransport;

    internal ValueTask FlushAsync(CancellationToken cancellationToken) => Source.FlushAsync(cancellationToken);

    /// <summary>Settles a run of entries that all belong to this subscription.</summary>
    internal void Settle(Span<SettleEntry> entries)
    {
        lock (_gate)
        {
            foreach (ref var entry in entries)
            {
                if (entry.Result == SettleResult.Undecided)
                {
                    entry.Result = Settle(entry);
                }
            }

            Unblock();
        }
    }

    /// <summary>Looks at a delivery without settling it.</summary>
    internal bool TryGet(long sequence, out InFlight entry)
    {
        lock (_gate)
        {
            return _window.TryGet(sequence, out entry);
        }
    }

    private SettleResult Settle(in SettleEntry entry)
    {
        if (!_window.WasIssued(entry.AckId.Sequence))
        {
            return SettleResult.Unknown;
        }

        if (_isDisposed)
        {
            return SettleResult.Expired;
        }

        if (entry.Settlement == Settlement.Extend)
        {
            var deadline = After(entry.Time);
            var extended = _window.TryExtend(entry.AckId.Sequence, deadline);
            if (extended)
            {
                ArmTimer(deadline);
            }

            return extended ? SettleResult.Settled : SettleResult.Expired;
        }

        if (!_window.TryRemove(entry.AckId.Sequence, out var settled))
        {
            return SettleResult.Expired;
        }

        if (entry.Settlement == Settlement.Nack)
        {
            GiveBack(settled, entry.Time);
        }
        else if (Source.TracksCompletion)
        {
            Source.Complete(settled.Delivery);
        }

        return SettleResult.Settled;
    }

    // Under the lock.
    private void GiveBack(in InFlight entry, TimeSpan delay)
    {
        if (_terms.ReleasesToTransport && (delay == TimeSpan.Zero || _terms.TransportDelays))
        {
            ReleaseToSource(entry.Delivery, delay);
            return;
        }

        if (_terms.DropsOutdated && !_window.IsNewest(entry.Sequence))
        {
            Drop(entry);
            return;
        }

        var waiting = entry;
        waiting.RetryCount++;
        if (!_terms.ReleasesToTransport)
        {
            // A copy, so that a message that waits for long does not hold on to the transport's whole buffer.
            waiting.Delivery = entry.Delivery with
            {
                Message = new EncodedMessage(entry.Delivery.Message.Bytes.ToArray()),
                Missed = 0,
            };
        }

        var due = After(delay);
        (_redeliveries ??= new RedeliveryQueue()).Add(waiting, due);
        if (delay == TimeSpan.Zero)
        {
            _signal.Set();
        }
        else
        {
            ArmTimer(due);
        }
    }

    // A newer message was taken, so nobody wants what waits any more.
    private void DropRedeliveries()
    {
        if (_redeliveries is not { Count: > 0 } redeliveries)
        {
            return;
        }

        lock (_gate)
        {
            while (redeliveries.TryTakeAny(out var entry))
            {
                Drop(entry);
            }
        }

        if (NeedsFlush)
        {
            _ = FlushUntoldAsync();
        }
    }

    private void Drop(in InFlight entry)
    {
        if (Source.TracksCompletion)
        {
            Source.Complete(entry.Delivery);
        }
    }

    // Under the lock, on disposal: the rest of the group gets what this member leaves.
    private void ReleaseAll()
    {
        while (_window.TryRemoveAny(out var entry) || (_redeliveries is not null && _redeliveries.TryTakeAny(out entry)))
        {
            ReleaseToSource(entry.Delivery, TimeSpan.Zero);
        }
    }

    // Under the lock.
    private void Unblock()
    {
        if (_isBlocked && _window.Count + WaitingCount < _terms.Options.MaxInFlight
            && _window.Bytes + WaitingBytes < _terms.MaxInFlightBytes)
        {
            _isBlocked = false;
            _signal.Set();
        }
    }

    // On a timer's thread nobody else would catch what a transport throws against its contract.
    private void ReleaseToSource(in Delivery delivery, TimeSpan delay)
    {
        try
        {
            Source.Release(delivery, delay);
        }
#pragma warning disable CA1031 // Whatever it is, it concerns this one message, which the transport still holds.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.SettlementFailed(_logger, exception, EventName);
        }
    }

    // For settlements that no client waits to be told of.
    private async Task FlushUntoldAsync()
    {
        try
        {
            await Source.FlushAsync(CancellationToken.None);
        }
#pragma warning disable CA1031 // Nobody awaits this, so what is not logged here would be lost.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.SettlementFailed(_logger, exception, EventName);
        }
    }
}
