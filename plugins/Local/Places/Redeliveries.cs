using EventBroker.Sdk.Timing;

namespace EventBroker.Transport.Local.Places;

/// <summary>What was given back to a place, until it is delivered again. Used under the place's lock.</summary>
internal sealed class Redeliveries(WaitingBudget budget)
{
    // What an entry takes beside the message's own bytes: its place in the queue and the head of its array, rounded up.
    private const int OverheadPerMessage = 128;

    private readonly DueQueue<Returned> _queue = new();
    private long _bytes;
    private int _first;

    public int Count => _queue.Count;

    public int DueCount => _queue.DueCount;

    public long NextDue => _queue.NextDue;

    /// <summary>Gets the latest time that anything has waited for; <see cref="long.MinValue"/> if nothing has.</summary>
    public long LastDue { get; private set; } = long.MinValue;

    /// <summary>Gets whether the next one comes before new messages, whoever's turn it is.</summary>
    public bool ComesFirst => _first > 0;

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

    /// <summary>Puts everything that is due before new messages.</summary>
    public void PutFirst() => _first = _queue.DueCount;

    public bool TryPeekDue(out Returned returned) => _queue.TryPeekDue(out returned);

    /// <summary>Takes what is due; there must be something.</summary>
    public Returned TakeDue()
    {
        if (!_queue.TryTakeDue(out var returned))
        {
            throw new InvalidOperationException("nothing is due");
        }

        _first = Math.Max(_first - 1, 0);
        Account(-SizeOf(returned));
        return returned;
    }

    /// <summary>Finds the first message of all, due or not.</summary>
    /// <returns>Its sequence number; <see cref="ulong.MaxValue"/> if there is none.</returns>
    public ulong FindOldest()
    {
        var oldest = ulong.MaxValue;
        foreach (var returned in _queue.Enumerate())
        {
            oldest = Math.Min(oldest, returned.Sequence);
        }

        return oldest;
    }

    public void Clear()
    {
        _queue.Clear();
        _first = 0;
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
