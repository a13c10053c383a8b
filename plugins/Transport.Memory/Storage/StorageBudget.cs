namespace EventBroker.Transport.Memory.Storage;

/// <summary>Counts the memory that all events hold together.</summary>
internal sealed class StorageBudget(long limit)
{
    private long _held;

    public long Held => Volatile.Read(ref _held);

    public bool IsExceeded => Held > limit;

    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);
}
