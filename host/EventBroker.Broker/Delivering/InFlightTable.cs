using System.Numerics;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Delivering;

/// <summary>The unsettled deliveries of one subscription. Each has a slot; an ack id's sequence number names the slot and its
/// use, so it is found by one look, whatever else is in flight. Not safe for concurrent use: the subscription's lock guards it.</summary>
/// <remarks>Grows to the in-flight limit and allocates nothing otherwise. Deadlines are the table's affair too, see the other part.</remarks>
internal sealed partial class InFlightTable
{
    private const int None = -1;

    private readonly int _slotBits;
    private InFlight[] _slots = [];
    private SlotList _taken = SlotList.Empty;
    private int _free = None;
    private int _used;
    private long _lastUse;

    public InFlightTable(int maxInFlight) => _slotBits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)maxInFlight));

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Adds a delivery as taken.</summary>
    /// <returns>Its sequence number, above all earlier ones.</returns>
    public long Add(in Delivery delivery, int attempts)
    {
        var index = TakeSlot();
        ref var slot = ref _slots[index];
        slot.Delivery = delivery;
        slot.Sequence = (++_lastUse << _slotBits) | (long)index;
        slot.Due = 0;
        slot.Attempts = attempts;
        slot.State = DeliveryState.Taken;
        slot.IsCopied = false;
        slot.HeapIndex = None;
        Append(ref _taken, index);
        Count++;
        Bytes += delivery.Message.Length;
        return slot.Sequence;
    }

    /// <summary>Not below any sequence number given out so far, and below all later ones.</summary>
    public long LastIssued => ((_lastUse + 1) << _slotBits) - 1;

    /// <summary>Whether this sequence number was ever given out.</summary>
    public bool WasIssued(long sequence) => sequence >> _slotBits is var use && use > 0 && use <= _lastUse;

    /// <summary>Whether nothing was added after this one.</summary>
    public bool IsNewest(long sequence) => sequence >> _slotBits == _lastUse;

    /// <summary>Finds the slot of a delivery that is in flight.</summary>
    public bool TryFind(long sequence, out int index)
    {
        index = (int)(sequence & ((1L << _slotBits) - 1));
        return index < _used && _slots[index].Sequence == sequence && _slots[index].State != DeliveryState.Free;
    }

    public ref InFlight this[int index] => ref _slots[index];

    /// <summary>Makes everything taken sent: an attempt, whose deadline runs unless an extension has promised more.</summary>
    public void MarkSent(long deadline)
    {
        var index = _taken.Head;
        _taken = SlotList.Empty;
        while (index != None)
        {
            ref var slot = ref _slots[index];
            var next = slot.Next;
            slot.State = DeliveryState.Sent;
            slot.Attempts++;
            Schedule(index, Math.Max(deadline, slot.Due));
            index = next;
        }
    }

    /// <summary>Makes one delivery sent that was taken only, and whose subscriber answers before its flush was told: so it has got it.</summary>
    public void MarkSent(int index, long deadline)
    {
        ref var slot = ref _slots[index];
        Remove(ref _taken, index);
        slot.State = DeliveryState.Sent;
        slot.Attempts++;
        Schedule(index, Math.Max(deadline, slot.Due));
    }

    /// <summary>Takes out the first of what was taken and not sent.</summary>
    public bool TryRemoveTaken(out InFlight entry)
    {
        if (_taken.Head == None)
        {
            entry = default;
            return false;
        }

        entry = _slots[_taken.Head];
        Remove(_taken.Head);
        return true;
    }

    /// <summary>Notes that the transport is asked: no deadline runs until it has answered.</summary>
    public void BeginSettling(int index)
    {
        Unlink(index);
        _slots[index].State = DeliveryState.Settling;
    }

    /// <summary>Notes that the transport has failed: the deadline runs on.</summary>
    public void EndSettling(int index, long deadline)
    {
        _slots[index].State = DeliveryState.Sent;
        Schedule(index, deadline);
    }

    /// <summary>Moves the deadline of something sent, or promises one to something taken.</summary>
    public void Extend(int index, long deadline)
    {
        ref var slot = ref _slots[index];
        if (slot.State == DeliveryState.Sent)
        {
            Unlink(index);
            ScheduleInHeap(index, deadline);
        }
        else
        {
            slot.Due = Math.Max(slot.Due, deadline);
        }
    }

    public void Remove(int index)
    {
        ref var slot = ref _slots[index];
        Unlink(index);
        Count--;
        Bytes -= slot.Delivery.Message.Length;

        // The message must not be kept alive by a free slot.
        slot.Delivery = default;
        slot.State = DeliveryState.Free;
        slot.Next = _free;
        _free = index;
    }

    /// <summary>Lists the slots in use, in no order. Removing the one just listed is allowed.</summary>
    public IEnumerable<int> Indexes()
    {
        for (var index = 0; index < _used; index++)
        {
            if (_slots[index].State != DeliveryState.Free)
            {
                yield return index;
            }
        }
    }

    private int TakeSlot()
    {
        if (_free != None)
        {
            var index = _free;
            _free = _slots[index].Next;
            return index;
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, Math.Min(1 << _slotBits, Math.Max(16, _used * 4)));
        }

        return _used++;
    }

    private void Unlink(int index)
    {
        switch (_slots[index].State)
        {
            case DeliveryState.Taken:
                Remove(ref _taken, index);
                break;
            case DeliveryState.Sent:
                Unschedule(index);
                break;
            default:
                break;
        }
    }

    private void Append(ref SlotList list, int index)
    {
        ref var slot = ref _slots[index];
        slot.Previous = list.Tail;
        slot.Next = None;
        if (list.Tail == None)
        {
            list.Head = index;
        }
        else
        {
            _slots[list.Tail].Next = index;
        }

        list.Tail = index;
    }

    private void Remove(ref SlotList list, int index)
    {
        ref readonly var slot = ref _slots[index];
        if (slot.Previous == None)
        {
            list.Head = slot.Next;
        }
        else
        {
            _slots[slot.Previous].Next = slot.Next;
        }

        if (slot.Next == None)
        {
            list.Tail = slot.Previous;
        }
        else
        {
            _slots[slot.Next].Previous = slot.Previous;
        }
    }

    private struct SlotList
    {
        public static readonly SlotList Empty = new() { Head = None, Tail = None };

        public int Head;
        public int Tail;
    }
}
