using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>The unsettled deliveries of one subscription: a ring of slots in the order of sending, in which an ack id's sequence
/// number is found at once. Not safe for concurrent use; the subscription's lock guards it.</summary>
/// <remarks>Deadlines ascend along the ring, so only its head needs looking at. An entry that would break that (its
/// deadline was extended) or that blocks the ring (it is old and everything behind it is settled) moves to a side table.</remarks>
internal sealed class InFlightWindow
{
    private readonly int _capacityLimit;
    private InFlight[] _ring = [];
    private Dictionary<long, InFlight>? _aside;
    private long _head = 1;
    private long _next = 1;
    private long _unsent = 1;

    public InFlightWindow(int maxInFlight) =>
        _capacityLimit = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)maxInFlight);

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public long Add(in Delivery delivery, int retryCount)
    {
        if (_next - _head == _ring.Length)
        {
            MakeRoom();
        }

        var sequence = _next++;
        ref var slot = ref Slot(sequence);
        slot.Delivery = delivery;
        slot.Sequence = sequence;
        slot.Deadline = InFlight.NotSent;
        slot.RetryCount = retryCount;
        Count++;
        Bytes += delivery.Message.Length;
        return sequence;
    }

    /// <summary>Whether this sequence number was ever given out.</summary>
    public bool WasIssued(long sequence) => sequence < _next;

    /// <summary>Whether nothing was added after this one.</summary>
    public bool IsNewest(long sequence) => sequence == _next - 1;

    /// <summary>Starts the deadline of everything added since the last call.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool MarkSent(long deadline)
    {
        if (_unsent == _next)
        {
            return false;
        }

        for (var sequence = Math.Max(_unsent, _head); sequence < _next; sequence++)
        {
            ref var slot = ref Slot(sequence);
            if (slot.Sequence == sequence)
            {
                slot.Deadline = deadline;
            }
        }

        if (_aside is not null)
        {
            foreach (var (sequence, entry) in _aside)
            {
                if (entry.Deadline == InFlight.NotSent && sequence >= _unsent)
                {
                    var sent = entry;
                    sent.Deadline = deadline;
                    _aside[sequence] = sent;
                }
            }
        }

        _unsent = _next;
        return true;
    }

    public bool TryGet(long sequence, out InFlight entry)
    {
        if (sequence >= _head && sequence < _next && Slot(sequence).Sequence == sequence)
        {
            entry = Slot(sequence);
            return true;
        }

        entry = default;
        return _aside is not null && _aside.TryGetValue(sequence, out entry);
    }

    public bool TryRemove(long sequence, out InFlight entry)
    {
        if (sequence >= _head && sequence < _next && Slot(sequence).Sequence == sequence)
        {
            ref var slot = ref Slot(sequence);
            entry = slot;
            slot = default;
            AdvanceHead();
        }
        else if (_aside is null || !_aside.Remove(sequence, out entry))
        {
            entry = default;
            return false;
        }

        Count--;
        Bytes -= entry.Delivery.Message.Length;
        return true;
    }

    public bool TryExtend(long sequence, long deadline)
    {
        if (!TryGet(sequence, out var entry))
        {
            return false;
        }

        if (entry.Deadline != InFlight.NotSent)
        {
            entry.Deadline = deadline;
            (_aside ??= [])[sequence] = entry;
            if (sequence >= _head && Slot(sequence).Sequence == sequence)
            {
                Slot(sequence) = default;
                AdvanceHead();
            }
        }

        return true;
    }

    /// <summary>Takes out an entry whose deadline is over.</summary>
    public bool TryRemoveExpired(long now, out InFlight entry)
    {
        AdvanceHead();
        if (_head < _next && Slot(_head).Deadline <= now)
        {
            return TryRemove(_head, out entry);
        }

        if (_aside is not null)
        {
            foreach (var (sequence, candidate) in _aside)
            {
                if (candidate.Deadline <= now)
                {
                    return TryRemove(sequence, out entry);
                }
            }
        }

        entry = default;
        return false;
    }

    public bool TryRemoveAny(out InFlight entry)
    {
        AdvanceHead();
        if (_head < _next)
        {
            return TryRemove(_head, out entry);
        }

        entry = default;
        return _aside is { Count: > 0 } && TryRemove(_aside.Keys.First(), out entry);
    }

    /// <summary>The earliest deadline that runs; <see cref="InFlight.NotSent"/> if none does.</summary>
    public long EarliestDeadline()
    {
        AdvanceHead();
        var earliest = _head < _next ? Slot(_head).Deadline : InFlight.NotSent;
        if (_aside is not null)
        {
            foreach (var entry in _aside.Values)
            {
                earliest = Math.Min(earliest, entry.Deadline);
            }
        }

        return earliest;
    }

    private ref InFlight Slot(long sequence) => ref _ring[sequence & (_ring.Length - 1)];

    private void AdvanceHead()
    {
        while (_head < _next && Slot(_head).Sequence != _head)
        {
            _head++;
        }
    }

    private void MakeRoom()
    {
        if (_ring.Length < _capacityLimit)
        {
            var larger = new InFlight[Math.Min(_capacityLimit, Math.Max(16, _ring.Length * 4))];
            for (var sequence = _head; sequence < _next; sequence++)
            {
                larger[sequence & (larger.Length - 1)] = Slot(sequence);
            }

            _ring = larger;
            return;
        }

        var blocking = Slot(_head);
        (_aside ??= []).Add(_head, blocking);
        Slot(_head) = default;
        AdvanceHead();
    }
}
