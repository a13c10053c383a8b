using System.Buffers;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// From the transport into the table of what is in flight, as much as there is room for.
public sealed partial class BrokerSubscription
{
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
    private int FreeSlots => _isDisposed || IsSilent ? 0 : _setup.Options.MaxInFlight - _table.Count - _inBackground - (_retries?.Count ?? 0);

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
