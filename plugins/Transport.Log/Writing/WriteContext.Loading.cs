using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Writing;

// Reading back what is stored: at the start, and after a failure.
internal sealed partial class WriteContext
{
    private const int BatchInfosAtOnce = 256;

    /// <summary>Reads the first stored batches of an event that are committed.</summary>
    public IEnumerable<StoredBatchInfo> ReadBatchInfos(EventRecord record)
    {
        using var command = _connection.Prepare(
            "SELECT id, count, bytes, accepted FROM batches WHERE id >= $0 AND id < $1 ORDER BY id LIMIT $2", 3);
        using var reader = command.With(
            BatchKey.Of(record.Id, 0), BatchKey.Of(record.Id, record.CommittedNext), BatchInfosAtOnce).ExecuteReader();
        while (reader.Read())
        {
            yield return new StoredBatchInfo(
                BatchKey.SequenceOf(reader.GetInt64(0)), reader.GetInt32(1), reader.GetInt64(2), LogClock.FromStored(reader.GetInt64(3)));
        }
    }

    /// <summary>Makes a place what the file says of it.</summary>
    public void Reload(PlaceRecord record)
    {
        using (var place = _connection.Prepare("SELECT floor, generation FROM places WHERE id = $0", 1))
        {
            using var reader = place.With(record.Id).ExecuteReader();
            if (!reader.Read())
            {
                record.IsForgotten = true;
                return;
            }

            record.IsForgotten = false;
            record.Reset((ulong)reader.GetInt64(0));
            record.Generation = reader.GetInt32(1);
        }

        using (var settled = _connection.Prepare("SELECT page, bits FROM settled WHERE place = $0", 1))
        {
            using var reader = settled.With(record.Id).ExecuteReader();
            while (reader.Read())
            {
                record.Restore((ulong)reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            }
        }

        using (var waiting = _connection.Prepare("SELECT message FROM waiting WHERE place = $0", 1))
        {
            using var reader = waiting.With(record.Id).ExecuteReader();
            while (reader.Read())
            {
                record.Waiting.Add((ulong)reader.GetInt64(0));
            }
        }
    }

    private void Reload(EventRecord record)
    {
        using var command = _connection.Prepare("SELECT oldest, bytes FROM events WHERE id = $0", 1);
        using var reader = command.With(record.Id).ExecuteReader();
        record.IsRemoved = !reader.Read();
        record.Front.Clear();
        if (!record.IsRemoved)
        {
            record.Oldest = (ulong)reader.GetInt64(0);
            record.Bytes = reader.GetInt64(1);
        }
    }
}
