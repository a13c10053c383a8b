namespace EventBroker.Broker.Delivering;

// When what is in flight has to be settled. Almost all deadlines come in ascending order, since each is the same time away from its sending: those
// stand in a list, where adding and removing costs a few writes. What would break its order (an extension, a clock of another
// mind) stands in a heap. The earliest of all is the first of the list or the top of the heap, whatever was added, moved or removed.
internal sealed partial class InFlightTable
{
    private SlotList _ascending = SlotList.Empty;
    private int[] _heap = [];
    private int _heapCount;

    /// <summary>The earliest deadline; <see cref="long.MaxValue"/> if none runs.</summary>
    public long EarliestDeadline => Math.Min(
        _ascending.Head == None ? long.MaxValue : _slots[_ascending.Head].Due,
        _heapCount == 0 ? long.MaxValue : _slots[_heap[0]].Due);

    /// <summary>Takes out a delivery whose deadline is over, the earliest first.</summary>
    public bool TryRemoveExpired(long now, out InFlight entry)
    {
        if (EarliestDeadline is var earliest && earliest > now)
        {
            entry = default;
            return false;
        }

        var index = _ascending.Head != None && _slots[_ascending.Head].Due == earliest ? _ascending.Head : _heap[0];
        entry = _slots[index];
        Remove(index);
        return true;
    }

    private void Schedule(int index, long due)
    {
        if (_ascending.Tail != None && _slots[_ascending.Tail].Due > due)
        {
            ScheduleInHeap(index, due);
            return;
        }

        ref var slot = ref _slots[index];
        slot.Due = due;
        slot.HeapIndex = None;
        Append(ref _ascending, index);
    }

    private void ScheduleInHeap(int index, long due)
    {
        _slots[index].Due = due;
        if (_heapCount == _heap.Length)
        {
            Array.Resize(ref _heap, Math.Max(16, _heapCount * 2));
        }

        SiftUp(_heapCount++, index);
    }

    private void Unschedule(int index)
    {
        var hole = _slots[index].HeapIndex;
        if (hole == None)
        {
            Remove(ref _ascending, index);
            return;
        }

        _slots[index].HeapIndex = None;
        var last = _heap[--_heapCount];
        if (hole == _heapCount)
        {
            return;
        }

        // The last one fills the hole, and goes up or down from there.
        if (hole > 0 && _slots[_heap[(hole - 1) / 2]].Due > _slots[last].Due)
        {
            SiftUp(hole, last);
        }
        else
        {
            SiftDown(hole, last);
        }
    }

    private void SiftUp(int hole, int index)
    {
        var due = _slots[index].Due;
        while (hole > 0 && _heap[(hole - 1) / 2] is var parent && _slots[parent].Due > due)
        {
            Place(hole, parent);
            hole = (hole - 1) / 2;
        }

        Place(hole, index);
    }

    private void SiftDown(int hole, int index)
    {
        var due = _slots[index].Due;
        while ((2 * hole) + 1 is var child && child < _heapCount)
        {
            if (child + 1 < _heapCount && _slots[_heap[child + 1]].Due < _slots[_heap[child]].Due)
            {
                child++;
            }

            if (_slots[_heap[child]].Due >= due)
            {
                break;
            }

            Place(hole, _heap[child]);
            hole = child;
        }

        Place(hole, index);
    }

    private void Place(int hole, int index)
    {
        _heap[hole] = index;
        _slots[index].HeapIndex = hole;
    }
}
