using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Maintenance;

/// <summary>Reads the batches of an event, going on behind whatever can't be read.</summary>
internal sealed class ReadableBatches(SqliteConnection connection, long eventId, Action<string> tellFault)
{
    // How far to look behind a place that can't be read, before the rest is given up.
    private const int MaxAttempts = 10_000;

    public IEnumerable<StoredBatch> Read()
    {
        var from = BatchKey.Of(eventId, 0);
        var end = BatchKey.Of(eventId, BatchKey.MaxSequence);
        var attempts = 0;
        while (from <= end && attempts < MaxAttempts)
        {
            var read = TryReadNext(from, end, out var batch, out var key);
            if (read is null)
            {
                yield break;
            }

            if (read.Value)
            {
                attempts = 0;
                yield return batch;
                from = key + 1;
            }
            else
            {
                attempts++;
                from = key < from ? from + (1L << Math.Min(attempts, 20)) : key + 1;
            }
        }
    }

    // Null at the end; false where something stands that can't be read.
    private bool? TryReadNext(long from, long end, out StoredBatch batch, out long key)
    {
        batch = default;
        key = -1;
        try
        {
            using var find = connection.Prepare("SELECT id FROM batches WHERE id >= $0 AND id <= $1 ORDER BY id LIMIT 1", 2);
            if (find.With(from, end).ExecuteScalar() is not long found)
            {
                return null;
            }

            key = found;
            using var command = connection.Prepare($"SELECT {StoredBatch.Columns} FROM batches WHERE id = $0", 1);
            using var reader = command.With(found).ExecuteReader();
            if (!reader.Read())
            {
                tellFault($"the batch at message {BatchKey.SequenceOf(found)} is listed and not there");
                return false;
            }

            batch = StoredBatch.From(reader);
            Verify(batch);
            return true;
        }
        catch (Exception failure) when (failure is SqliteException or InvalidDataException or InvalidCastException or OverflowException or ArgumentException)
        {
            tellFault(key < 0 ? $"from message {BatchKey.SequenceOf(from)} on: {failure.Message}" : $"the batch at message {BatchKey.SequenceOf(key)}: {failure.Message}");
            return false;
        }
    }

    private static void Verify(in StoredBatch batch)
    {
        ReadOnlySpan<byte> body = batch.Body;
        var count = 0;
        while (BatchFormat.TryRead(ref body, out _))
        {
            count++;
        }

        if (count != batch.Count)
        {
            throw new InvalidDataException($"it holds {count} messages and should hold {batch.Count}");
        }
    }
}
