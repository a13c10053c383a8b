namespace EventBroker.Transport.Local.Subscriptions;

/// <summary>Those who have read everything of an event and wait for more.</summary>
/// <remarks>Taking the whole list costs a publisher the same for one waiter as for a thousand: the array changes hands
/// and a number goes up, which disarms all that are in it. More than a few are signalled from the thread pool.</remarks>
internal sealed class WaiterList : IThreadPoolWorkItem
{
    // So many are signalled faster than the thread pool is told.
    private const int SignalledInline = 4;

    private readonly Lock _lock = new();
    private Waiter?[] _waiters = new Waiter?[4];
    private Waiter?[]? _spare;
    private long _generation;
    private int _count;
    private int _queued;

    /// <summary>Adds somebody unless it waits already. The caller looks once more for messages afterwards: one that was appended before
    /// has signalled nobody. What the caller has noted before this is seen by whoever signals it: there is a full fence on each way.</summary>
    public void Arm(Waiter waiter)
    {
        Interlocked.MemoryBarrier();

        // Without the lock: the list that it is in has not been taken yet, so whoever takes it signals after this.
        if (waiter.WaiterGeneration == Volatile.Read(ref _generation))
        {
            return;
        }

        lock (_lock)
        {
            if (waiter.WaiterGeneration == _generation)
            {
                return;
            }

            if (_count == _waiters.Length)
            {
                Array.Resize(ref _waiters, _count * 2);
            }

            waiter.WaiterGeneration = _generation;
            waiter.WaiterSlot = _count;
            _waiters[_count++] = waiter;
        }

        Interlocked.MemoryBarrier();
    }

    public void Disarm(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.WaiterGeneration != _generation)
            {
                return;
            }

            var last = _waiters[--_count]!;
            _waiters[waiter.WaiterSlot] = last;
            last.WaiterSlot = waiter.WaiterSlot;
            _waiters[_count] = null;
            waiter.WaiterGeneration = -1;
        }
    }

    /// <summary>Signals all that wait. There must be a full fence between publishing the messages and this call.</summary>
    public void SignalAll()
    {
        var count = Volatile.Read(ref _count);
        if (count == 0)
        {
            return;
        }

        if (count <= SignalledInline)
        {
            SignalTaken();
        }
        else if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Before the list is taken: whoever arms and misses being taken is seen by the next append.
        Interlocked.Exchange(ref _queued, 0);
        SignalTaken();
    }

    private void SignalTaken()
    {
        Waiter?[] taken;
        int count;
        lock (_lock)
        {
            taken = _waiters;
            count = _count;
            _waiters = _spare ?? new Waiter?[taken.Length];
            _spare = null;
            _count = 0;
            _generation++;
        }

        Interlocked.MemoryBarrier();

        for (var i = 0; i < count; i++)
        {
            taken[i]!.Signal();
        }

        taken.AsSpan(0, count).Clear();
        lock (_lock)
        {
            _spare ??= taken;
        }
    }
}
