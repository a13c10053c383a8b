using EventBroker.Sdk.Errors;
using EventBroker.Transport.Local.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Storage;

/// <summary>Reads what was stored, beside the writer. Reads are short, so that they never keep the write-ahead log from being reused.</summary>
internal sealed class BatchReader : IDisposable
{
    // What one read takes: enough for a reader that catches up, little for one that wants a single message.
    private const int BytesPerSlab = Slab.LargestSize;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly string _transport;
    private readonly SqliteCommand _range;
    private readonly SqliteCommand _last;
    private readonly SqliteCommand _kept;

    public BatchReader(string path, string transport)
    {
        _transport = transport;
        _connection = Database.OpenReader(path);
        _range = _connection.Prepare("SELECT id, count, accepted, body FROM batches WHERE id >= $0 AND id <= $1 ORDER BY id", 2);
        _last = _connection.Prepare("SELECT id, count, accepted FROM batches WHERE id >= $0 AND id <= $1 ORDER BY id DESC LIMIT 1", 2);
        _kept = _connection.Prepare("SELECT body FROM waiting WHERE place = $0 AND message = $1", 2);
    }

    /// <summary>Reads the batches from the one that holds a message on, as many as make a slab.</summary>
    /// <returns>The slab; it begins later where messages are lost, and is null where there are none from here on.</returns>
    public Slab? Read(long eventId, ulong sequence)
    {
        lock (_lock)
        {
            try
            {
                var from = FindBatch(eventId, sequence, out var count, out _) is { } found && found + (ulong)count > sequence
                    ? found
                    : sequence;
                using var reader = _range.With(BatchKey.Of(eventId, from), BatchKey.Of(eventId, BatchKey.MaxSequence)).ExecuteReader();
                var batches = new List<StoredBatch>();
                long bytes = 0;
                while (bytes < BytesPerSlab && reader.Read())
                {
                    var batch = new StoredBatch(
                        BatchKey.SequenceOf(reader.GetInt64(0)), reader.GetInt32(1), LogClock.FromStored(reader.GetInt64(2)), reader.GetFieldValue<byte[]>(3));
                    if (batches.Count > 0 && batches[^1].End != batch.First)
                    {
                        break;
                    }

                    batches.Add(batch);
                    bytes += batch.Body.Length;
                }

                return batches.Count == 0 ? null : BatchFormat.ToSlab(batches[0].First, batches);
            }
            catch (Exception failure) when (failure is SqliteException or InvalidDataException)
            {
                throw failure.ToBroker(_transport);
            }
        }
    }

    /// <summary>Finds the first batch accepted at or after a time.</summary>
    /// <param name="eventId">The event.</param>
    /// <param name="oldest">Where to begin.</param>
    /// <param name="tail">Where to end.</param>
    /// <param name="ticks">The time.</param>
    /// <returns>The number of its first message; <paramref name="tail"/> if there is none.</returns>
    public ulong LowerBound(long eventId, ulong oldest, ulong tail, long ticks)
    {
        lock (_lock)
        {
            try
            {
                // All messages of a batch have the same time. The answer is between `low` and `high`.
                var (low, high) = (oldest, tail);
                while (low < high)
                {
                    var middle = low + ((high - low) / 2);
                    var first = FindBatch(eventId, middle, out var count, out var accepted);
                    if (first is { } found && accepted >= ticks)
                    {
                        high = Math.Max(found, low);
                    }
                    else
                    {
                        low = Math.Max(middle + 1, Math.Min(first + (ulong)count ?? 0, high));
                    }
                }

                return low;
            }
            catch (SqliteException failure)
            {
                throw failure.ToBroker(_transport);
            }
        }
    }

    /// <summary>Gets when a message was accepted.</summary>
    /// <returns>The time in ticks; null if there is no such message.</returns>
    public long? GetAccepted(long eventId, ulong sequence)
    {
        lock (_lock)
        {
            try
            {
                return FindBatch(eventId, sequence, out _, out var accepted) is not null ? accepted : null;
            }
            catch (SqliteException failure)
            {
                throw failure.ToBroker(_transport);
            }
        }
    }

    /// <summary>Reads a message that waits for its redelivery and that retention has removed.</summary>
    /// <returns>Its bytes; null if it was not kept.</returns>
    public ReadOnlyMemory<byte>? FindKept(long placeId, ulong sequence)
    {
        lock (_lock)
        {
            try
            {
                return _kept.With(placeId, (long)sequence).ExecuteScalar() is byte[] body ? body.AsMemory() : null;
            }
            catch (SqliteException failure)
            {
                throw failure.ToBroker(_transport);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _range.Dispose();
            _last.Dispose();
            _kept.Dispose();
            _connection.Dispose();
        }
    }

    private ulong? FindBatch(long eventId, ulong sequence, out int count, out long acceptedTicks)
    {
        using var reader = _last.With(BatchKey.Of(eventId, 0), BatchKey.Of(eventId, sequence)).ExecuteReader();
        if (!reader.Read())
        {
            (count, acceptedTicks) = (0, 0);
            return null;
        }

        (count, acceptedTicks) = (reader.GetInt32(1), LogClock.FromStored(reader.GetInt64(2)));
        return BatchKey.SequenceOf(reader.GetInt64(0));
    }
}
