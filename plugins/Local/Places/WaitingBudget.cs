namespace EventBroker.Transport.Local.Places;

/// <summary>Counts the memory of what waits for its redelivery, over all events, and wakes the places that were held back
/// while it was more than the limit.</summary>
internal sealed class WaitingBudget(long limit) : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly HashSet<Place> _heldBack = [];
    private long _held;

    public long Held => Volatile.Read(ref _held);

    public bool IsExceeded => Held > limit;

    public void Add(long bytes)
    {
        var now = Interlocked.Add(ref _held, bytes);
        if (now <= limit && now - bytes > limit)
        {
            // From the thread pool: whoever calls holds the lock of a place.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Notes that a place takes no new messages while the limit is exceeded; it is woken when it no longer is.</summary>
    /// <returns>Whether the limit is exceeded.</returns>
    public bool HoldsBack(Place place)
    {
        if (!IsExceeded)
        {
            return false;
        }

        lock (_lock)
        {
            // Again, under the lock: whoever gets below the limit afterwards finds the place.
            if (!IsExceeded)
            {
                return false;
            }

            _heldBack.Add(place);
            return true;
        }
    }

    /// <summary>Forgets a place that has ended.</summary>
    public void Forget(Place place)
    {
        lock (_lock)
        {
            _heldBack.Remove(place);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Place[] places;
        lock (_lock)
        {
            places = [.. _heldBack];
            _heldBack.Clear();
        }

        foreach (var place in places)
        {
            place.WakeForWork();
        }
    }
}
