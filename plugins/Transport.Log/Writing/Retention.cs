using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Writing;

/// <summary>Removes what is too old, too much or too many, batch by batch, with the transaction that adds to it. Belongs to the writer.</summary>
internal sealed class Retention(WriteContext context, IReadOnlyCollection<EventRecord> all, long maxTotalBytes)
{
    // Of one event in one transaction, so that a commit stays short when much has come of age.
    private const int MaxBatches = 500;

    /// <summary>Removes what an event must not keep any longer.</summary>
    /// <returns>Whether there is more to remove.</returns>
    public bool Apply(EventRecord record)
    {
        var before = record.Oldest;
        var removed = 0;
        while (removed < MaxBatches && !record.IsRemoved && record.Front.TryPeek(context, record, out var first) && IsOver(record, first))
        {
            Remove(record, first);
            removed++;
        }

        Delete(record, before);
        return removed == MaxBatches;
    }

    /// <summary>Removes the oldest of all events for as long as all keep too much together.</summary>
    public void ApplyTotal()
    {
        var total = all.Sum(static r => r.Bytes + r.PendingBytes);
        while (total > maxTotalBytes)
        {
            EventRecord? victim = null;
            StoredBatchInfo oldest = default;
            foreach (var record in all)
            {
                if (!record.IsRemoved && record.Front.TryPeek(context, record, out var first)
                    && first.End < record.CommittedNext + (ulong)record.Pending.Count
                    && (victim is null || first.AcceptedTicks < oldest.AcceptedTicks))
                {
                    (victim, oldest) = (record, first);
                }
            }

            if (victim is null)
            {
                return;
            }

            var before = victim.Oldest;
            Remove(victim, oldest);
            Delete(victim, before);
            total -= oldest.Bytes;
        }
    }

    private bool IsOver(EventRecord record, in StoredBatchInfo first)
    {
        var next = record.CommittedNext + (ulong)record.Pending.Count;
        var options = record.Options;
        return next - first.End >= (ulong)options.MaxMessages!.Value
            || first.AcceptedTicks < context.NowTicks - options.Retention!.Value.Ticks
            || (first.End < next && record.Bytes + record.PendingBytes > options.MaxBytes!.Value);
    }

    private void Remove(EventRecord record, in StoredBatchInfo first)
    {
        record.Front.Dequeue();
        KeepWaiting(record, first);
        record.Oldest = first.End;
        record.Bytes -= first.Bytes;
        record.LastRemovedTicks = first.AcceptedTicks;
        context.Touch(record);
    }

    private void Delete(EventRecord record, ulong before)
    {
        if (record.Oldest != before)
        {
            // Hidden first: a reader that finds nothing must know whether that is lost.
            record.Event!.Log.DropBefore(record.Oldest, record.LastRemovedTicks);
            context.Execute("DELETE FROM batches WHERE id >= $0 AND id < $1", BatchKey.Of(record.Id, 0), BatchKey.Of(record.Id, record.Oldest));
        }
    }

    // What was given back is delivered again, whatever becomes of its log.
    private void KeepWaiting(EventRecord record, StoredBatchInfo batch)
    {
        byte[]? body = null;
        foreach (var place in record.Places)
        {
            foreach (var number in place.Waiting.Where(n => n >= batch.First && n < batch.End))
            {
                body ??= (byte[])context.Connection.Scalar($"SELECT body FROM batches WHERE id = {BatchKey.Of(record.Id, batch.First)}")!;
                var slab = BatchFormat.ToSlab(batch.First, [new StoredBatch(batch.First, batch.Count, batch.AcceptedTicks, body)]);
                var index = (int)(number - batch.First);
                var length = slab.LengthAt(index);
                context.Execute(
                    "UPDATE waiting SET body = $2 WHERE place = $0 AND message = $1",
                    place.Id,
                    (long)number,
                    slab.Bytes.AsSpan(slab.Entries[index].End - length, length).ToArray());
            }
        }
    }
}
