using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// From the transport to the endpoint.
public sealed partial class BrokerSubscription
{
    // Made with the first redelivery, since most subscriptions never have one.
    private DueQueue<WaitingDelivery>? _waiting;
    private long _waitingBytes;
    private List<TransportSettlement>? _leftOut;
    private int _demand;
    private long _sendingUpTo;
    private long _sendingSince;

    // Between the transport's handing over and its entry into the table, what was read is nowhere; closing waits for that.
    private bool _isReading;
    private TaskCompletionSource? _readEnded;
    private bool _isBlocked;
    private bool _isSpanFull;
    private bool _waitingFirst;

    /// <summary>Takes what is there and fits into the in-flight window. What was taken is in flight; its ack deadline starts with
    /// <see cref="SentAsync"/>. Completes at once unless a deliver interceptor waits for something.</summary>
    /// <param name="destination">Where to; at least one element.</param>
    /// <param name="maxBytes">Take no more once this many bytes of messages are taken.</param>
    /// <returns>How many were taken, possibly none.</returns>
    /// <exception cref="BrokerException">See <see cref="WaitAsync"/>.</exception>
    public ValueTask<int> TakeAsync(Memory<OutboundDelivery> destination, int maxBytes)
    {
        if (Volatile.Read(ref _end) is { } end)
        {
            throw Again(end);
        }

        var taken = Policy.KeepsNewestOnly ? TakeNewest(destination.Span, maxBytes) : TakeInTurn(destination.Span, maxBytes);
        if (taken == 0)
        {
            return new(0);
        }

        var isFirstUnsent = WatchUnsent();
        return _interceptors is null ? new(taken) : InterceptAsync(destination[..taken], isFirstUnsent);
    }

    /// <summary>Says that everything taken so far is being written to the connection, or to a buffer that its end flushes: whatever ends it now,
    /// nobody knows what of it arrives, so it counts as an attempt. To be called before the first byte of it is written.</summary>
    /// <exception cref="BrokerException">The subscription was disposed meanwhile: what was taken is given back as never sent, and must not be
    /// written.</exception>
    public void Sending()
    {
        if (IsFireAndForget)
        {
            return;
        }

        lock (_gate)
        {
            if (_isDisposed)
            {
                throw Again(_end!);
            }

            _sendingUpTo = _table.LastIssued;
            _sendingSince = _time.GetTimestamp();
        }
    }

    /// <summary>Says that everything taken so far was handed to the connection: ack deadlines start, or auto-ack settles.</summary>
    /// <param name="hasWaited">Whether the connection made it wait. The deadlines count from now then; otherwise from <see cref="Sending"/>, which
    /// was before the subscriber could have anything.</param>
    /// <returns>A task; with auto-ack it ends when the transport has answered.</returns>
    public ValueTask SentAsync(bool hasWaited)
    {
        Volatile.Write(ref _unsentSince, 0);
        if (IsFireAndForget)
        {
            return default;
        }

        if (_setup.AutoAck)
        {
            return SettleSentAsync();
        }

        lock (_gate)
        {
            _table.MarkSent((hasWaited ? _time.GetTimestamp() : _sendingSince) + _ackTimeout);
            Rearm();
        }

        return default;
    }

    // Once there is nothing more, and before the endpoint waits. Not before: what is fetched for a subscriber that is busy writing would
    // lie unread while others could have it.
    private void DemandMore()
    {
        if (_demand > 0)
        {
            var count = _demand;
            _demand = 0;
            Source.Demand(count);
        }
    }

    // What comes again and what is fresh take turns, so that neither keeps the other away, however small the window is.
    private int TakeInTurn(Span<OutboundDelivery> destination, int maxBytes)
    {
        // Looked at without the lock: whatever is added right now signals.
        if (_waiting is not { Count: > 0 } || Policy.WaitingGoesToTransport)
        {
            return TakeFresh(destination, maxBytes);
        }

        var waitingFirst = !_waitingFirst;
        var half = Math.Max(1, destination.Length / 2);
        var taken = waitingFirst
            ? TakeWaiting(destination[..half], ref maxBytes)
            : TakeFresh(destination[..half], ref maxBytes);
        if (!waitingFirst)
        {
            taken += TakeWaiting(destination[taken..], ref maxBytes);
        }

        taken += TakeFresh(destination[taken..], ref maxBytes);
        if (waitingFirst)
        {
            taken += TakeWaiting(destination[taken..], ref maxBytes);
        }

        if (taken > 0)
        {
            // A turn in which there was no room is nobody's.
            _waitingFirst = waitingFirst;
        }

        return taken;
    }

    // An old message comes back only as long as there is no newer one.
    private int TakeNewest(Span<OutboundDelivery> destination, int maxBytes)
    {
        var taken = TakeFresh(destination, maxBytes);
        if (taken == 0)
        {
            return TakeWaiting(destination, ref maxBytes);
        }

        DropWaiting();
        return taken;
    }

    private int TakeWaiting(Span<OutboundDelivery> destination, ref int maxBytes)
    {
        if (_waiting is not { Count: > 0 } waiting)
        {
            return 0;
        }

        SettlementBatch batch = default;
        var taken = 0;
        lock (_gate)
        {
            waiting.Promote(_time.GetTimestamp());
            while (taken < destination.Length && maxBytes > 0 && FreeSlots > 0 && waiting.TryTakeDue(out var next))
            {
                _waitingBytes -= next.Delivery.Message.Length;
                if (_admission.IsTooOld(next.Delivery))
                {
                    CompleteLeftOut(next.Delivery, next.Attempts, ref batch);
                    continue;
                }

                maxBytes -= next.Delivery.Message.Length;
                destination[taken++] = Register(next.Delivery, next.Attempts);
            }

            if (waiting.DueCount > 0)
            {
                SignalOrBlock();
            }
        }

        SettleInBackground(batch);
        return taken;
    }
}
