using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Maintenance;

/// <summary>Saves what is readable of a damaged log into a new one.</summary>
/// <remarks>Messages that are lost leave a gap: their readers are told how many they have missed. Where the list of events itself
/// can't be read, events get the name <c>recovered-</c> and their number.</remarks>
internal sealed class LogRepair(string file, TextWriter output)
{
    private long _faults;

    /// <summary>Saves.</summary>
    /// <param name="folder">The folder of the new log; it does not exist.</param>
    /// <param name="cancellationToken">Gives up; what is there then is to be removed.</param>
    /// <returns>0: a new log is there, whatever could be saved.</returns>
    public int Run(string folder, CancellationToken cancellationToken)
    {
        using var taken = LogDirectory.Take(Path.GetDirectoryName(file)!, TimeProvider.System);
        Directory.CreateDirectory(folder);
        try
        {
            using var from = Database.OpenReader(file);
            using var to = Database.OpenWriter(Path.Combine(folder, LogDirectory.DatabaseName), Durability.Relaxed);
            long messages = 0;
            using (var transaction = to.BeginTransaction())
            {
                CopyRows(from, to, "events");
                CopyRows(from, to, "places");
                CopyRows(from, to, "settled");
                CopyRows(from, to, "waiting");
                CopyRows(from, to, "clock");
                foreach (var id in FindEvents(from, to))
                {
                    messages += CopyMessages(from, to, id, cancellationToken);
                }

                transaction.Commit();
            }

            to.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            output.WriteLine($"Saved {messages} messages into {folder}; {_faults} times something could not be read.");
            output.WriteLine("Name that folder as \"directory\" and start the broker. What was handed over and not settled comes again.");
            return 0;
        }
        catch (SqliteException failure)
        {
            throw new BrokerException(
                BrokerErrorCode.Unavailable, $"Nothing could be saved from {file}: {failure.Message}. Go back to a backup.", failure);
        }
    }

    // Row by row, so that one that can't be read costs no more than those behind it.
    private void CopyRows(SqliteConnection from, SqliteConnection to, string table)
    {
        try
        {
            using var select = from.Prepare($"SELECT * FROM {table}", 0);
            using var reader = select.ExecuteReader();
            var columns = Enumerable.Range(0, reader.FieldCount).ToList();
            using var insert = to.Prepare(
                $"INSERT OR IGNORE INTO {table} ({string.Join(", ", columns.Select(reader.GetName))}) VALUES ({string.Join(", ", columns.Select(static c => "$" + c))})",
                columns.Count);
            while (reader.Read())
            {
                var values = new object[columns.Count];
                reader.GetValues(values);
                insert.Run(values);
            }
        }
        catch (SqliteException failure)
        {
            _faults++;
            output.WriteLine($"  table {table}: {failure.Message}; what stands behind is lost");
        }
    }

    private List<long> FindEvents(SqliteConnection from, SqliteConnection to)
    {
        var known = Ids(to, "SELECT id FROM events");
        try
        {
            // One look for each event, not for each batch.
            long next = 0;
            while (from.Scalar($"SELECT id FROM batches WHERE id >= {BatchKey.Of(next, 0)} ORDER BY id LIMIT 1") is long key)
            {
                var id = BatchKey.EventOf(key);
                if (!known.Contains(id) && from.Scalar($"SELECT event FROM removed WHERE event = {id}") is null)
                {
                    var name = "recovered-" + id.ToString(CultureInfo.InvariantCulture);
                    to.Execute($"INSERT INTO events (id, name, epoch, next, oldest, bytes) VALUES ({id}, '{name}', {Random.Shared.NextInt64(1, long.MaxValue)}, 1, 1, 0)");
                    output.WriteLine($"  the name of event {id} is lost: it is {name} now");
                    known.Add(id);
                }

                next = id + 1;
            }
        }
        catch (SqliteException failure)
        {
            _faults++;
            output.WriteLine($"  looking for events: {failure.Message}");
        }

        return known;
    }

    private long CopyMessages(SqliteConnection from, SqliteConnection to, long eventId, CancellationToken cancellationToken)
    {
        var name = to.Scalar($"SELECT name FROM events WHERE id = {eventId}") as string;
        using var insert = to.Prepare(
            "INSERT OR IGNORE INTO batches (id, count, accepted, bytes, checksum, ids, body) VALUES ($0, $1, $2, $3, $4, NULL, $5)", 6);
        ulong first = 0;
        ulong end = 0;
        long messages = 0;
        long total = 0;
        foreach (var batch in new ReadableBatches(from, eventId, Tell).Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = BatchFormat.CountBytes(batch.Body);
            insert.Run(
                BatchKey.Of(eventId, batch.First), batch.Count, LogClock.ToStored(batch.AcceptedTicks), bytes, BatchFormat.Checksum(batch.Body), batch.Body);
            first = first == 0 ? batch.First : first;
            end = batch.End;
            messages += batch.Count;
            total += bytes;
        }

        to.Execute(
            $"UPDATE events SET next = max(next, {end}), oldest = CASE WHEN {first} = 0 THEN max(next, {end}) ELSE max(oldest, {first}) END, bytes = {total} WHERE id = {eventId}");
        output.WriteLine($"  event {name}: {messages} messages saved");
        return messages;

        void Tell(string fault)
        {
            _faults++;
            output.WriteLine($"  event {name}: {fault}");
        }
    }

    private static List<long> Ids(SqliteConnection connection, string sql)
    {
        using var command = connection.Prepare(sql, 0);
        using var reader = command.ExecuteReader();
        var ids = new List<long>();
        while (reader.Read())
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }
}
