namespace EventBroker.Client.Testing;

/// <summary>Keeps what has happened and tells whoever waits for it.</summary>
internal sealed class Recorder<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _all = [];
    private readonly List<Waiter> _waiters = [];

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    public void Record(T what)
    {
        lock (_lock)
        {
            _all.Add(what);
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].TryEnd(what))
                {
                    _waiters.RemoveAt(i);
                }
            }
        }
    }

    public Task<T> WaitAsync(Predicate<T> isWanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        lock (_lock)
        {
            var known = _all.FindIndex(isWanted);
            if (known >= 0)
            {
                return Task.FromResult(_all[known]);
            }

            var waiter = new Waiter(isWanted);
            _waiters.Add(waiter);
            return waiter.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Waiter(Predicate<T> isWanted) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        // A predicate that throws is its test's fault, and not the broker's.
        public bool TryEnd(T what)
        {
            try
            {
                return isWanted(what) && TrySetResult(what);
            }
#pragma warning disable CA1031 // Whatever it is, whoever waits gets it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return TrySetException(exception);
            }
        }
    }
}
