using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Storage;

/// <summary>A row of the table <c>batches</c>.</summary>
/// <param name="First">The number of its first message.</param>
/// <param name="Count">How many messages it holds.</param>
/// <param name="AcceptedTicks">When they were accepted.</param>
/// <param name="Body">The messages (<see cref="BatchFormat"/>).</param>
internal readonly record struct StoredBatch(ulong First, int Count, long AcceptedTicks, byte[] Body)
{
    /// <summary>The columns that <see cref="From"/> reads.</summary>
    public const string Columns = "id, count, accepted, checksum, body";

    /// <summary>Reads a row, and checks that it is as it was written.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static StoredBatch From(SqliteDataReader reader)
    {
        var batch = new StoredBatch(
            BatchKey.SequenceOf(reader.GetInt64(0)), reader.GetInt32(1), LogClock.FromStored(reader.GetInt64(2)), reader.GetFieldValue<byte[]>(4));
        return BatchFormat.Checksum(batch.Body) == reader.GetInt64(3)
            ? batch
            : throw new InvalidDataException($"the batch at message {batch.First} is not what was written");
    }

    public ulong End => First + (ulong)Count;
}
