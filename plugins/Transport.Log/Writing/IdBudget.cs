namespace EventBroker.Transport.Log.Writing;

/// <summary>Counts the remembered ids of all events. Written by the writer only.</summary>
internal sealed class IdBudget(int limit)
{
    private long _count;
    private long _forgotten;

    public long Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }

    /// <summary>Gets or sets how many were forgotten before their time.</summary>
    public long Forgotten
    {
        get => Volatile.Read(ref _forgotten);
        set => Volatile.Write(ref _forgotten, value);
    }

    public bool IsExceeded => _count > limit;
}
