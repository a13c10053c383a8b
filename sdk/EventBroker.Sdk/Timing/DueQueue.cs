namespace EventBroker.Sdk.Timing;

/// <summary>What waits for its time, and what has come due and waits to be taken. The one place where redeliveries wait, in
/// the broker and in transports.</summary>
/// <remarks>Not safe for concurrent use: its owner's lock guards it. Together with a <see cref="DueTimer"/> nothing is lost: whatever is added
/// is either in front of the timer (<see cref="NextDue"/>) or can be taken.</remarks>
/// <typeparam name="T">What waits.</typeparam>
public sealed class DueQueue<T>
{
    private readonly PriorityQueue<T, (long Due, long Order)> _waiting = new();
    private Queue<T> _due = new();
    private long _order;

    /// <summary>Gets how many there are, due or not.</summary>
    public int Count => _waiting.Count + _due.Count;

    /// <summary>Gets how many are due, as of the last <see cref="Promote"/>.</summary>
    public int DueCount => _due.Count;

    /// <summary>Gets when the next of those that wait is due; <see cref="long.MaxValue"/> if none waits.</summary>
    public long NextDue => _waiting.TryPeek(out _, out var priority) ? priority.Due : long.MaxValue;

    /// <summary>Adds something that waits for its time.</summary>
    /// <param name="item">What.</param>
    /// <param name="due">When, in the unit of <see cref="Promote"/>.</param>
    public void Add(T item, long due) => _waiting.Enqueue(item, (due, _order++));

    /// <summary>Adds something that is due now, behind what is due already.</summary>
    /// <param name="item">What.</param>
    public void AddDue(T item) => _due.Enqueue(item);

    /// <summary>Moves what has come due to where it can be taken, in the order of its times; the same time in the order of adding.</summary>
    /// <param name="now">The time.</param>
    /// <returns>How many were moved.</returns>
    public int Promote(long now)
    {
        var moved = 0;
        while (_waiting.TryPeek(out var item, out var priority) && priority.Due <= now)
        {
            _waiting.Dequeue();
            _due.Enqueue(item);
            moved++;
        }

        return moved;
    }

    /// <summary>Looks at what is due and was there longest.</summary>
    /// <param name="item">What is due.</param>
    /// <returns>Whether anything is due.</returns>
    public bool TryPeekDue(out T item) => _due.TryPeek(out item!);

    /// <summary>Takes what is due and was there longest.</summary>
    /// <param name="item">What is due.</param>
    /// <returns>Whether anything is due.</returns>
    public bool TryTakeDue(out T item) => _due.TryDequeue(out item!);

    /// <summary>Takes anything, due or not: what is due first, then in the order of time.</summary>
    /// <param name="item">What was taken.</param>
    /// <param name="due">When it is due; <see cref="long.MinValue"/> if it is.</param>
    /// <returns>Whether there was anything.</returns>
    public bool TryTakeAny(out T item, out long due)
    {
        due = long.MinValue;
        if (_due.TryDequeue(out item!))
        {
            return true;
        }

        var found = _waiting.TryDequeue(out item!, out var priority);
        due = priority.Due;
        return found;
    }

    /// <summary>Lists everything, due or not, in no order.</summary>
    /// <returns>What is there; valid until something is added or taken.</returns>
    public IEnumerable<T> Enumerate() => _due.Concat(_waiting.UnorderedItems.Select(static i => i.Element));

    /// <summary>Takes out whatever fits, due or not; the rest keeps its order and its times.</summary>
    /// <param name="isRemoved">Tells of one whether it is taken out.</param>
    /// <returns>How many were taken out.</returns>
    public int RemoveAll(Predicate<T> isRemoved)
    {
        var before = Count;
        _due = new Queue<T>(_due.Where(i => !isRemoved(i)));
        var kept = _waiting.UnorderedItems.Where(i => !isRemoved(i.Element)).ToList();
        _waiting.Clear();
        _waiting.EnqueueRange(kept.Select(static i => (i.Element, i.Priority)));
        return before - Count;
    }

    /// <summary>Takes everything out.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _due.Clear();
    }
}
