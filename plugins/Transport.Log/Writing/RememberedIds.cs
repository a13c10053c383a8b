namespace EventBroker.Transport.Log.Writing;

/// <summary>The ids that publishers gave to an event's messages, for as long as a second message with one of them is dropped. Belongs to the writer.</summary>
internal sealed class RememberedIds(TimeSpan window, IdBudget budget)
{
    private readonly Dictionary<UInt128, ulong> _numbers = [];
    private readonly Queue<(UInt128 Id, long Ticks)> _order = new();
    private readonly List<UInt128> _uncommitted = [];

    public TimeSpan Window => window;

    /// <summary>Finds the message that has an id.</summary>
    public bool TryFind(UInt128 id, long nowTicks, out ulong number)
    {
        Forget(nowTicks);
        return _numbers.TryGetValue(id, out number);
    }

    /// <summary>Remembers an id within the open transaction.</summary>
    public void Add(UInt128 id, ulong number)
    {
        _numbers.Add(id, number);
        _uncommitted.Add(id);
    }

    /// <summary>Notes that the transaction is committed.</summary>
    public void Commit(long acceptedTicks)
    {
        foreach (var id in _uncommitted)
        {
            _order.Enqueue((id, acceptedTicks));
        }

        budget.Count += _uncommitted.Count;
        _uncommitted.Clear();
        while (budget.IsExceeded && _order.TryDequeue(out var oldest))
        {
            _numbers.Remove(oldest.Id);
            budget.Count--;
            budget.Forgotten++;
        }
    }

    /// <summary>Forgets what the transaction added.</summary>
    public void RollBack()
    {
        foreach (var id in _uncommitted)
        {
            _numbers.Remove(id);
        }

        _uncommitted.Clear();
    }

    /// <summary>Remembers an id that was stored before.</summary>
    public void Restore(UInt128 id, ulong number, long acceptedTicks)
    {
        if (_numbers.TryAdd(id, number))
        {
            _order.Enqueue((id, acceptedTicks));
            budget.Count++;
        }
    }

    /// <summary>Forgets what has outlived its window.</summary>
    public void Forget(long nowTicks)
    {
        while (_order.TryPeek(out var oldest) && nowTicks - oldest.Ticks > window.Ticks)
        {
            _order.Dequeue();
            _numbers.Remove(oldest.Id);
            budget.Count--;
        }
    }

    /// <summary>Forgets everything, with the event.</summary>
    public void Clear()
    {
        budget.Count -= _order.Count;
        _order.Clear();
        _numbers.Clear();
        _uncommitted.Clear();
    }
}
