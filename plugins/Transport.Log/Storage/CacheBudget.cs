namespace EventBroker.Transport.Log.Storage;

/// <summary>Counts the memory of everything that was just written or read, over all events.</summary>
internal sealed class CacheBudget(long limit)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    public bool IsExceeded => Held > limit;

    /// <summary>Gets what one event may hold of it: a part, so that a busy one does not push out all the others.</summary>
    public long PerEvent => limit / 4;

    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);
}
