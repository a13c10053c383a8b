namespace EventBroker.Transport.Log.Writing;

/// <summary>The first stored batches of an event, read some at a time: what retention takes next. Belongs to the writer.</summary>
internal sealed class StoredFront
{
    private readonly Queue<StoredBatchInfo> _batches = new();

    /// <summary>Gets the first batch that is stored, reading more where needed.</summary>
    public bool TryPeek(WriteContext context, EventRecord record, out StoredBatchInfo first)
    {
        if (_batches.Count == 0 && record.Oldest < record.CommittedNext)
        {
            foreach (var batch in context.ReadBatchInfos(record))
            {
                _batches.Enqueue(batch);
            }
        }

        return _batches.TryPeek(out first);
    }

    /// <summary>Takes the first batch, which is to be removed.</summary>
    public void Dequeue() => _batches.Dequeue();

    /// <summary>Reads anew: what was taken is stored after all.</summary>
    public void Clear() => _batches.Clear();
}
