using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing;

/// <summary>Writes what a transaction appends to an event, as few rows as it fits into.</summary>
internal sealed class BatchWriter : IDisposable
{
    // Rows are what is read, and given back by retention, as a whole.
    private const int MaxBodyBytes = 256 * 1024;
    private const int MaxMessages = 1024;
    private const int IdBytes = 16;

    private readonly SqliteCommand _insert;
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly ArrayBufferWriter<byte> _ids = new();

    public BatchWriter(SqliteConnection connection) => _insert = connection.Prepare(
        "INSERT INTO batches (id, count, accepted, bytes, ids, body) VALUES ($0, $1, $2, $3, $4, $5)", 6);

    public void Write(EventRecord record, long acceptedTicks)
    {
        var pending = record.Pending;
        var largest = Math.Min(MaxBodyBytes, (record.Options.MaxBytes ?? long.MaxValue) / 8);
        for (var first = 0; first < pending.Count;)
        {
            var count = 0;
            long bytes = 0;
            var hasIds = false;
            _body.ResetWrittenCount();
            _ids.ResetWrittenCount();
            while (first + count < pending.Count && count < MaxMessages
                && (count == 0 || bytes + pending[first + count].Length <= largest))
            {
                var message = pending[first + count];
                BatchFormat.Append(_body, message.Span);
                BinaryPrimitives.WriteUInt128LittleEndian(_ids.GetSpan(IdBytes), record.PendingIds[first + count]);
                _ids.Advance(IdBytes);
                hasIds |= record.PendingIds[first + count] != default;
                bytes += message.Length;
                count++;
            }

            _insert.Parameters[0].Value = BatchKey.Of(record.Id, record.CommittedNext + (ulong)first);
            _insert.Parameters[1].Value = count;
            _insert.Parameters[2].Value = LogClock.ToStored(acceptedTicks);
            _insert.Parameters[3].Value = bytes;
            SetBlob(_insert.Parameters[4], hasIds ? _ids.WrittenMemory : null);
            SetBlob(_insert.Parameters[5], _body.WrittenMemory);
            _insert.ExecuteNonQuery();
            first += count;
        }

        if (_body.Capacity > MaxBodyBytes * 4)
        {
            _body.Clear();
        }
    }

    public void Dispose() => _insert.Dispose();

    // The size of a parameter cuts its array off, so that it need not be copied.
    private static void SetBlob(SqliteParameter parameter, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } written)
        {
            parameter.Value = DBNull.Value;
            return;
        }

        MemoryMarshal.TryGetArray(written, out var segment);
        parameter.Value = segment.Array ?? [];
        parameter.Size = written.Length;
    }
}
