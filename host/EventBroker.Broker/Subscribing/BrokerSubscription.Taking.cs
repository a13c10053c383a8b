using System.Buffers;
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
        }
    }

    /// <summary>Says that everything taken so far was handed to the connection: ack deadlines start, or auto-ack settles.</summary>
    /// <returns>A task; with auto-ack it ends when the transport has answered.</returns>
    public ValueTask SentAsync()
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
            _table.MarkSent(_time.GetTimestamp() + _ackTimeout);
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

        SendUntold(batch);
        return taken;
    }

    private int TakeFresh(Span<OutboundDelivery> destination, int maxBytes) => TakeFresh(destination, ref maxBytes);

    private int TakeFresh(Span<OutboundDelivery> destination, ref int maxBytes)
    {
        if (destination.IsEmpty || maxBytes <= 0)
        {
            _signal.Set();
            return 0;
        }

        var room = FindRoom(ref maxBytes);
        if (room == 0)
        {
            // The signal may have been the subscription's end, which must not wait until something is settled.
            _demand = 0;
            return ReadSource([], 0);
        }

        // One more than asked for: the newest so far stands in front of what is read next.
        var buffer = ArrayPool<Delivery>.Shared.Rent(destination.Length + 1);
        var used = 0;
        try
        {
            var asked = Math.Min(destination.Length, room);
            var kept = _admission.WantsNewest
                ? ReadNewest(buffer, maxBytes, room, ref used)
                : ReadInOrder(buffer.AsSpan(0, asked), maxBytes, room, ref used);
            CompleteLeftOut();
            return Register(buffer.AsSpan(0, kept), destination, ref maxBytes);
        }
        finally
        {
            if (_isReading)
            {
                // It has failed.
                lock (_gate)
                {
                    EndRead();
                }
            }

            buffer.AsSpan(0, used).Clear();
            ArrayPool<Delivery>.Shared.Return(buffer);
        }
    }

    private int ReadInOrder(Span<Delivery> destination, int maxBytes, int room, ref int used)
    {
        used = ReadSource(destination, maxBytes);
        var read = destination[..used];
        NoteRead(used < destination.Length && BytesOf(read) < maxBytes, room - used);
        return _admission.Admit(read, LeftOut);
    }

    // To the end: whatever has piled up is left out but for the last.
    private int ReadNewest(Delivery[] buffer, int maxBytes, int room, ref int used)
    {
        var kept = 0;
        while (true)
        {
            var rest = buffer.AsSpan(kept);
            var read = ReadSource(rest, maxBytes);
            used = Math.Max(used, kept + read);
            var isDrained = read < rest.Length && BytesOf(rest[..read]) < maxBytes;
            kept = _admission.Admit(buffer.AsSpan(0, kept + read), LeftOut);
            if (isDrained)
            {
                NoteRead(isDrained, room);
                return kept;
            }
        }
    }

    // Either the transport has no more, and is asked for it before the endpoint waits; or we stopped by our own limits, and come again.
    private void NoteRead(bool isDrained, int room)
    {
        if (isDrained)
        {
            _demand = Math.Clamp(room, 1, _setup.Options.BufferSize);
        }
        else
        {
            _demand = 0;
            _signal.Set();
        }
    }

    private List<TransportSettlement>? LeftOut => Source.TracksSettlement ? _leftOut ??= [] : null;

    private int ReadSource(Span<Delivery> destination, int maxBytes)
    {
        try
        {
            return Source.Read(destination, maxBytes);
        }
        catch (BrokerException exception)
        {
            End(exception);
            throw;
        }
    }

    // How many more may be in flight. What the transport has not taken back yet counts as well, or an outage would collect without end.
    private int FreeSlots => _isDisposed || IsSilent ? 0 : _setup.Options.MaxInFlight - _table.Count - _untold - (_retries?.Count ?? 0);

    private bool IsWaitingFull => !Policy.KeepsNewestOnly && _waiting is not null
        && (_waiting.Count >= _setup.Limits.MaxWaitingMessages || _waitingBytes >= _setup.Limits.MaxWaitingBytes);

    private int FindRoom(ref int maxBytes)
    {
        if (IsFireAndForget)
        {
            return int.MaxValue;
        }

        var span = _setup.Route.Declared.RemembersSinglePlace ? Source.UnsettledSpan : 0;
        lock (_gate)
        {
            NoteSpan(span);
            var bytes = _setup.Limits.MaxInFlightBytes - _table.Bytes;
            var room = _isSpanFull || IsWaitingFull || bytes <= 0 ? 0 : Math.Max(0, FreeSlots);
            maxBytes = (int)Math.Min(maxBytes, bytes);
            _isBlocked |= room == 0;
            _isReading = room > 0;
            return room;
        }
    }

    // Under the lock.
    private void NoteSpan(int span)
    {
        var isFull = span >= _setup.Route.Declared.MaxUnsettledSpan;
        if (isFull && !_isSpanFull)
        {
            BrokerLog.SpanFull(_logger, EventName, span, _setup.Route.Name);
        }

        _isSpanFull = isFull;
    }

    // Under the lock. What stands still for want of room goes on.
    private void Unblock()
    {
        if (_isBlocked && FreeSlots > 0 && _table.Bytes < _setup.Limits.MaxInFlightBytes && !IsWaitingFull)
        {
            _isBlocked = false;
            _signal.Set();
        }
    }

    // Under the lock.
    private void SignalOrBlock()
    {
        if (FreeSlots > 0)
        {
            _signal.Set();
        }
        else
        {
            _isBlocked = true;
        }
    }

    private int Register(Span<Delivery> deliveries, Span<OutboundDelivery> destination, ref int maxBytes)
    {
        if (IsFireAndForget)
        {
            for (var i = 0; i < deliveries.Length; i++)
            {
                maxBytes -= deliveries[i].Message.Length;
                destination[i] = Outbound(deliveries[i], deliveries[i].RetryCount, 0);
            }

            return deliveries.Length;
        }

        lock (_gate)
        {
            if (!_isReading)
            {
                // Closing has not waited any longer, and the transport has given back what it still held.
                return 0;
            }

            for (var i = 0; i < deliveries.Length; i++)
            {
                maxBytes -= deliveries[i].Message.Length;
                destination[i] = Register(deliveries[i], deliveries[i].RetryCount);
            }

            EndRead();

            // What was read while closing is given back with the rest.
            return _isDisposed ? 0 : deliveries.Length;
        }
    }

    // Under the lock.
    private void EndRead()
    {
        _isReading = false;
        _readEnded?.TrySetResult();
    }

    private OutboundDelivery Register(in Delivery delivery, int attempts) =>
        Outbound(delivery, attempts, _table.Add(delivery, attempts));

    private static OutboundDelivery Outbound(in Delivery delivery, int attempts, long sequence) => new()
    {
        Message = delivery.Message,
        Position = delivery.Position,
        Cursor = delivery.Cursor,
        RetryCount = attempts,
        Missed = delivery.Missed,
        Sequence = sequence,
        IsShared = true,
    };

    private static int BytesOf(ReadOnlySpan<Delivery> deliveries)
    {
        var bytes = 0;
        foreach (ref readonly var delivery in deliveries)
        {
            bytes += delivery.Message.Length;
        }

        return bytes;
    }
}
