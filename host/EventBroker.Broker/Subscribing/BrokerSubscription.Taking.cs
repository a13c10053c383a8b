using System.Buffers;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// From the transport to the endpoint.
public sealed partial class BrokerSubscription
{
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

        var taken = _terms.DropsOutdated
            ? TakeNewest(destination.Span, maxBytes)
            : TakeInTurn(destination.Span, maxBytes);
        return _interceptors is null || taken == 0 ? new(taken) : InterceptAsync(destination[..taken]);
    }

    /// <summary>Says that everything taken so far was handed to the connection: ack deadlines start, or auto-ack settles.</summary>
    /// <returns>A task; with auto-ack it ends when the transport knows.</returns>
    public ValueTask SentAsync()
    {
        if (_terms.AutoAck)
        {
            return IsFireAndForget ? default : SettleSentAsync();
        }

        lock (_gate)
        {
            var deadline = After(_terms.Options.AckTimeout);
            if (_window.MarkSent(deadline))
            {
                ArmTimer(deadline);
            }
        }

        return default;
    }

    private int TakeInTurn(Span<OutboundDelivery> destination, int maxBytes)
    {
        var taken = TakeRedeliveries(destination, ref maxBytes);
        return taken < destination.Length && maxBytes > 0 ? taken + TakeNew(destination[taken..], maxBytes) : taken;
    }

    // An old message comes back only as long as there is no newer one.
    private int TakeNewest(Span<OutboundDelivery> destination, int maxBytes)
    {
        var taken = TakeNew(destination, maxBytes);
        if (taken == 0)
        {
            return TakeRedeliveries(destination, ref maxBytes);
        }

        DropRedeliveries();
        return taken;
    }

    private int TakeRedeliveries(Span<OutboundDelivery> destination, ref int maxBytes)
    {
        // Read without the lock: a redelivery that is added right now signals anyway.
        if (_redeliveries is not { Count: > 0 } redeliveries)
        {
            return 0;
        }

        lock (_gate)
        {
            var taken = 0;
            var now = _time.GetTimestamp();
            while (!_terms.ReleasesToTransport && taken < destination.Length && maxBytes > 0
                && _window.Count < _terms.Options.MaxInFlight && redeliveries.TryTakeDue(now, out var entry))
            {
                destination[taken++] = Register(entry.Delivery, entry.RetryCount);
                maxBytes -= entry.Delivery.Message.Length;
            }

            if (taken == destination.Length || maxBytes <= 0)
            {
                _signal.Set();
            }

            return taken;
        }
    }

    private int TakeNew(Span<OutboundDelivery> destination, int maxBytes)
    {
        var asked = destination.Length;
        if (!IsFireAndForget)
        {
            var hasRoom = true;
            lock (_gate)
            {
                // Redeliveries that wait count as well, or a subscriber that nacks everything would collect without end.
                asked = Math.Min(asked, _terms.Options.MaxInFlight - _window.Count - WaitingCount);
                maxBytes = (int)Math.Min(maxBytes, _terms.MaxInFlightBytes - _window.Bytes - WaitingBytes);
                if (asked <= 0 || maxBytes <= 0)
                {
                    _isBlocked = true;
                    hasRoom = false;
                }
            }

            if (!hasRoom)
            {
                // The signal may have been the subscription's end, which must not wait until something is settled.
                return ReadSource([], 0);
            }
        }

        var deliveries = ArrayPool<Delivery>.Shared.Rent(asked);
        try
        {
            var room = deliveries.AsSpan(0, asked);
            var read = room[..ReadSource(room, maxBytes)];
            if (read.Length == room.Length || BytesOf(read) >= maxBytes)
            {
                // Stopped by our own limits, so the transport owes no signal.
                _signal.Set();
            }

            return Register(read, destination);
        }
        finally
        {
            ArrayPool<Delivery>.Shared.Return(deliveries, clearArray: true);
        }
    }

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

    private int Register(Span<Delivery> deliveries, Span<OutboundDelivery> destination)
    {
        if (IsFireAndForget)
        {
            for (var i = 0; i < deliveries.Length; i++)
            {
                destination[i] = Outbound(deliveries[i], deliveries[i].RetryCount, 0);
            }
        }
        else
        {
            lock (_gate)
            {
                for (var i = 0; i < deliveries.Length; i++)
                {
                    destination[i] = Register(deliveries[i], deliveries[i].RetryCount);
                }
            }
        }

        return deliveries.Length;
    }

    private OutboundDelivery Register(in Delivery delivery, int retryCount) =>
        Outbound(delivery, retryCount, _window.Add(delivery, retryCount));

    private static OutboundDelivery Outbound(in Delivery delivery, int retryCount, long sequence) => new()
    {
        Message = delivery.Message,
        Origin = delivery,
        RetryCount = retryCount,
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

    private ValueTask SettleSentAsync()
    {
        lock (_gate)
        {
            _window.MarkSent(InFlight.NotSent);
            while (_window.TryRemoveAny(out var entry))
            {
                if (Source.TracksCompletion)
                {
                    Source.Complete(entry.Delivery);
                }
            }

            Unblock();
        }

        return Source.TracksCompletion ? Source.FlushAsync(CancellationToken.None) : default;
    }
}
