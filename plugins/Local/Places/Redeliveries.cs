using EventBroker.Sdk.Timing;

namespace EventBroker.Transport.Local.Places;

/// <summary>What was given back to a place, until it is delivered again. Used under the place's lock.</summary>
internal sealed class Redeliveries(WaitingBudget budget)
{
    // What an entry takes beside the message's own bytes: its place in the queue and the head of its array, rounded up.
    private const int OverheadPerMessage = 128;

    private readonly DueQueue<Returned> _queue = new();

    // What comes before new messages, in the order of the event, however it got here.
    private readonly PriorityQueue<Returned, ulong> _first = new();
    private long _bytes;

    public int Count => _first.Count + _queue.Count;

    public int DueCount => _first.Count + _queue.DueCount;

    public long NextDue => _queue.NextDue;

    /// <summary>Gets the latest time that anything has waited for; <see cref="long.MinValue"/> if nothing has.</summary>
    public long LastDue { get; private set; } = long.MinValue;

    /// <summary>Gets whether the next one comes before new messages, whoever's turn it is.</summary>
    public bool ComesFirst => _first.Count > 0;

    /// <summary>Adds what was read and never handed over: it keeps its place, before all that is newer.</summary>
    public void AddFirst(in Returned returned)
    {
        Account(SizeOf(returned));
        _first.Enqueue(returned, returned.Sequence);
    }

    public void AddDue(in Returned returned)
    {
        Account(SizeOf(returned));
        _queue.AddDue(returned);
    }

    public void Add(in Returned returned, long due)
    {
        Account(SizeOf(returned));
        LastDue = Math.Max(LastDue, due);
        _queue.Add(returned, due);
    }

    /// <summary>Lets what has come due be taken.</summary>
    /// <returns>Whether anything has.</returns>
    public bool Promote(long now) => _queue.NextDue <= now && _queue.Promote(now) > 0;

    /// <summary>Puts everything that is due before new messages, in the order of the event.</summary>
    public void PutFirst()
    {
        while (_queue.TryTakeDue(out var returned))
        {
            _first.Enqueue(returned, returned.Sequence);
        }
    }

    public bool TryPeekDue(out Returned returned) => _first.TryPeek(out returned, out _) || _queue.TryPeekDue(out returned);

    /// <summary>Takes what is due; there must be something.</summary>
    public Returned TakeDue()
    {
        if (!_first.TryDequeue(out var returned, out _) && !_queue.TryTakeDue(out returned))
        {
            throw new InvalidOperationException("nothing is due");
        }

        Account(-SizeOf(returned));
        return returned;
    }

    /// <summary>Finds the first message of all, due or not.</summary>
    /// <returns>Its sequence number; <see cref="ulong.MaxValue"/> if there is none.</returns>
    public ulong FindOldest()
    {
        var oldest = _first.TryPeek(out _, out var first) ? first : ulong.MaxValue;
        foreach (var returned in _queue.Enumerate())
        {
            oldest = Math.Min(oldest, returned.Sequence);
        }

        return oldest;
    }

    public void Clear()
    {
        _queue.Clear();
        _first.Clear();
        LastDue = long.MinValue;
        Account(-_bytes);
    }

    private static long SizeOf(in Returned returned) => (returned.Message?.Length ?? 0) + OverheadPerMessage;

    private void Account(long bytes)
    {
        _bytes += bytes;
        budget.Add(bytes);
    }
}
