using System.Buffers.Binary;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Local.Storage;
using EventBroker.Transport.Log.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;
using EventBroker.Transport.Log.Writing.Operations;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log;

/// <summary>Makes events and places what the file says, and what was handed over when the process before this one ended.</summary>
internal sealed class Loading(SqliteConnection connection, LogEvents events, LogFiles files, WriteContext context)
{
    private const int IdBytes = 16;

    /// <summary>Reads when the file was last written, in ticks.</summary>
    /// <returns>The time; 0 for a new file.</returns>
    public static long ReadClock(SqliteConnection connection)
    {
        var last = connection.Scalar("SELECT max(last) FROM clock") as long? ?? 0;
        foreach (var id in ReadEventIds(connection))
        {
            if (connection.Scalar(
                $"SELECT accepted FROM batches WHERE id < {BatchKey.Of(id + 1, 0)} AND id >= {BatchKey.Of(id, 0)} ORDER BY id DESC LIMIT 1") is long accepted)
            {
                last = Math.Max(last, accepted);
            }
        }

        return last == 0 ? 0 : LogClock.FromStored(last);
    }

    /// <summary>Loads everything.</summary>
    /// <param name="handedOver">With which count each message comes again that was handed over.</param>
    public void Run(Dictionary<(long Place, int Generation, ulong Number), int> handedOver)
    {
        var byEvent = handedOver.GroupBy(static h => (h.Key.Place, h.Key.Generation)).ToDictionary(static g => g.Key, static g => g.ToDictionary(static h => h.Key.Number, static h => h.Value));
        var loaded = LoadEvents();
        context.Begin();
        foreach (var (id, loadedEvent) in loaded)
        {
            RestoreIds(loadedEvent.Record);
            LoadPlaces(id, loadedEvent, byEvent);
        }

        context.Commit();
        context.Publish();
    }

    private static List<long> ReadEventIds(SqliteConnection connection)
    {
        using var command = connection.Prepare("SELECT id FROM events", 0);
        using var reader = command.ExecuteReader();
        var ids = new List<long>();
        while (reader.Read())
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    private List<(long Id, LogEvent Event)> LoadEvents()
    {
        using var command = connection.Prepare(
            "SELECT id, name, epoch, retention, max_bytes, max_messages, max_message_bytes, deduplication_window, next, oldest, bytes FROM events", 0);
        using var reader = command.ExecuteReader();
        var loaded = new List<(long, LogEvent)>();
        while (reader.Read())
        {
            var asked = new EventOptions
            {
                Retention = ToTimeSpan(reader.GetNullableInt64(3)),
                MaxBytes = reader.GetNullableInt64(4),
                MaxMessages = reader.GetNullableInt64(5),
                MaxMessageBytes = (int?)reader.GetNullableInt64(6),
                DeduplicationWindow = ToTimeSpan(reader.GetNullableInt64(7)),
            };
            var made = events.Make(
                reader.GetInt64(0), reader.GetString(1), (ulong)reader.GetInt64(2), asked, (ulong)reader.GetInt64(8), (ulong)reader.GetInt64(9), reader.GetInt64(10));
            events.Reserve(made);
            events.Add(made);
            loaded.Add((reader.GetInt64(0), made));
        }

        return loaded;
    }

    private void RestoreIds(EventRecord record)
    {
        var first = files.Reader.LowerBound(
            record.Id, record.Oldest, record.CommittedNext, context.NowTicks - record.Ids.Window.Ticks);
        using var command = connection.Prepare("SELECT id, accepted, ids FROM batches WHERE id >= $0 AND id < $1 AND ids IS NOT NULL ORDER BY id", 2);
        using var reader = command.With(BatchKey.Of(record.Id, first), BatchKey.Of(record.Id, record.CommittedNext)).ExecuteReader();
        while (reader.Read())
        {
            var number = BatchKey.SequenceOf(reader.GetInt64(0));
            var accepted = LogClock.FromStored(reader.GetInt64(1));
            var ids = reader.GetFieldValue<byte[]>(2);
            for (var at = 0; at + IdBytes <= ids.Length; at += IdBytes, number++)
            {
                if (BinaryPrimitives.ReadUInt128LittleEndian(ids.AsSpan(at)) is var id && id != default)
                {
                    record.Ids.Restore(id, number, accepted);
                }
            }
        }
    }

    private void LoadPlaces(long eventId, LogEvent owner, Dictionary<(long Place, int Generation), Dictionary<ulong, int>> handedOver)
    {
        using var command = connection.Prepare("SELECT id, kind, name, has_options, max_age, latest_only FROM places WHERE event = $0 ORDER BY id", 1);
        using var reader = command.With(eventId).ExecuteReader();
        while (reader.Read())
        {
            var record = new PlaceRecord { Id = reader.GetInt64(0), Event = owner.Record };
            context.Reload(record);
            owner.Record.Places.Add(record);
            var counts = handedOver.GetValueOrDefault((record.Id, record.Generation)) ?? [];
            var cursor = GiveBack(record, counts, out var returned);
            var kind = reader.GetString(1) == MakePlaceOperation.NameOf(PlaceKind.WorkerGroup) ? PlaceKind.WorkerGroup : PlaceKind.ConsumerId;
            owner.Restore(
                kind,
                reader.GetString(2),
                cursor,
                new LogPlaceJournal(new StoredPlaceHandle(record), owner.Record, owner.Log, files),
                new Lease(record.Generation),
                reader.GetBoolean(3) ? new GroupOptions(ToTimeSpan(reader.GetNullableInt64(4)), reader.GetBoolean(5)) : null,
                returned);
        }
    }

    // What was handed over and not settled waits from now on, so that behind the floor there is only what nobody has seen.
    private LogCursor GiveBack(PlaceRecord record, Dictionary<ulong, int> counts, out List<(Returned Message, TimeSpan Delay)> returned)
    {
        context.Touch(record);
        var next = Math.Max(record.LastSettled, counts.Keys.DefaultIfEmpty(0UL).Max()) + 1;
        next = Math.Min(Math.Max(next, record.Floor), record.Event.CommittedNext);
        long missed = 0;
        for (var number = record.Floor; number < next; number++)
        {
            if (record.IsSettled(number))
            {
                continue;
            }

            if (number < record.Event.Oldest)
            {
                missed++;
            }
            else
            {
                context.PutWaiting(record, number, counts.GetValueOrDefault(number, 1), context.NowTicks, body: null);
            }
        }

        record.Settle(record.Floor, next);
        returned = ReadWaiting(record, counts);
        return new LogCursor { Next = record.Floor, Missed = missed };
    }

    private List<(Returned Message, TimeSpan Delay)> ReadWaiting(PlaceRecord record, Dictionary<ulong, int> counts)
    {
        using var command = connection.Prepare("SELECT message, attempts, due FROM waiting WHERE place = $0 ORDER BY due, message", 1);
        using var reader = command.With(record.Id).ExecuteReader();
        var returned = new List<(Returned, TimeSpan)>();
        while (reader.Read())
        {
            var number = (ulong)reader.GetInt64(0);
            var count = counts.GetValueOrDefault(number, reader.GetInt32(1));
            if (count != reader.GetInt32(1))
            {
                // What was handed over since: the file that says so is begun anew.
                context.Execute("UPDATE waiting SET attempts = $2 WHERE place = $0 AND message = $1", record.Id, (long)number, count);
            }

            var message = new Returned { Sequence = number, RetryCount = count };
            returned.Add((message, TimeSpan.FromTicks(Math.Max(LogClock.FromStored(reader.GetInt64(2)) - context.NowTicks, 0))));
        }

        return returned;
    }

    private static TimeSpan? ToTimeSpan(long? microseconds) => microseconds is { } value ? TimeSpan.FromMicroseconds(value) : null;
}
