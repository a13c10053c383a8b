using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing;

/// <summary>The writer's connection, with everything that is written over it. Belongs to the writer.</summary>
internal sealed partial class WriteContext : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly HashSet<EventRecord> _events = [];
    private readonly HashSet<PlaceRecord> _places = [];
    private readonly BatchWriter _batches;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _updateEvent;
    private readonly SqliteCommand _updatePlace;
    private readonly SqliteCommand _putPage;
    private readonly SqliteCommand _deletePage;
    private readonly SqliteCommand _putWaiting;
    private readonly SqliteCommand _deleteWaiting;
    private readonly SqliteCommand _setClock;
    private readonly Retention _retention;
    private long _clockTicks;

    /// <summary>Prepares what is written.</summary>
    /// <param name="connection">The only connection that writes.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="records">All events.</param>
    /// <param name="maxTotalBytes">How many bytes all events may keep together.</param>
    public WriteContext(SqliteConnection connection, LogClock clock, IReadOnlyCollection<EventRecord> records, long maxTotalBytes)
    {
        _connection = connection;
        Clock = clock;
        _retention = new Retention(this, records, maxTotalBytes);
        _batches = new BatchWriter(connection);
        _begin = connection.Prepare("BEGIN IMMEDIATE", 0);
        _commit = connection.Prepare("COMMIT", 0);
        _updateEvent = connection.Prepare("UPDATE events SET next = $1, oldest = $2, bytes = $3 WHERE id = $0", 4);
        _updatePlace = connection.Prepare("UPDATE places SET floor = $1, generation = $2 WHERE id = $0", 3);
        _putPage = connection.Prepare("INSERT OR REPLACE INTO settled (place, page, bits) VALUES ($0, $1, $2)", 3);
        _deletePage = connection.Prepare("DELETE FROM settled WHERE place = $0 AND page = $1", 2);
        _putWaiting = connection.Prepare("INSERT OR REPLACE INTO waiting (place, message, attempts, due, body) VALUES ($0, $1, $2, $3, $4)", 5);
        _deleteWaiting = connection.Prepare("DELETE FROM waiting WHERE place = $0 AND message = $1", 2);
        _setClock = connection.Prepare("INSERT OR REPLACE INTO clock (id, last) VALUES (1, $0)", 1);
    }

    public LogClock Clock { get; }

    public SqliteConnection Connection => _connection;

    /// <summary>Gets when everything of the open transaction is accepted, in ticks.</summary>
    public long NowTicks { get; private set; }

    /// <summary>Gets the events that the open transaction changes.</summary>
    public IReadOnlyCollection<EventRecord> Events => _events;

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="FileNotFoundException">The file is gone. SQLite goes on writing to it, where nobody will find it.</exception>
    public void Begin()
    {
        if (!File.Exists(_connection.DataSource))
        {
            throw new FileNotFoundException($"the file '{_connection.DataSource}' was removed or moved away; end the broker, and put it back if you can");
        }

        NowTicks = Clock.Now;
        _begin.ExecuteNonQuery();
    }

    /// <summary>Removes what an event must not keep any longer.</summary>
    /// <returns>Whether there is more to remove.</returns>
    public bool Retain(EventRecord record) => _retention.Apply(record);

    /// <summary>Notes that an event is changed by the open transaction.</summary>
    public void Touch(EventRecord record) => _events.Add(record);

    /// <summary>Notes that a place is changed by the open transaction.</summary>
    public void Touch(PlaceRecord record) => _places.Add(record);

    /// <summary>Writes what has gathered, and makes it durable.</summary>
    public void Commit()
    {
        foreach (var record in _events.Where(static r => r.Pending.Count > 0))
        {
            _retention.Apply(record);
        }

        if (_events.Count > 0)
        {
            _retention.ApplyTotal();
        }

        foreach (var record in _events)
        {
            if (!record.IsRemoved)
            {
                _batches.Write(record, NowTicks);
                _updateEvent.Run(
                    record.Id, (long)record.CommittedNext + record.Pending.Count, (long)record.Oldest, record.Bytes + record.PendingBytes);
            }
        }

        foreach (var record in _places)
        {
            if (record is { IsForgotten: false, IsChanged: true })
            {
                Write(record);
            }
        }

        if (NowTicks - _clockTicks > TimeSpan.TicksPerMinute)
        {
            _setClock.Run(LogClock.ToStored(NowTicks));
            _clockTicks = NowTicks;
        }

        _commit.ExecuteNonQuery();
        foreach (var record in _places)
        {
            record.Stored();
        }

        _places.Clear();
    }

    /// <summary>Makes readable what is committed.</summary>
    public void Publish()
    {
        foreach (var record in _events)
        {
            record.Event!.Publish(NowTicks);
        }

        _events.Clear();
    }

    /// <summary>Takes back everything since the beginning of the transaction.</summary>
    public void RollBack()
    {
        try
        {
            _connection.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does when there is no room.
        }

        _clockTicks = 0;
        foreach (var record in _events)
        {
            record.RollBack();
            Reload(record);
        }

        foreach (var record in _places)
        {
            Reload(record);
        }

        _events.Clear();
        _places.Clear();
    }

    public void PutWaiting(PlaceRecord place, ulong number, int attempts, long dueTicks, ReadOnlyMemory<byte>? body)
    {
        _putWaiting.Run(place.Id, (long)number, attempts, LogClock.ToStored(dueTicks), body?.ToArray());
        place.Waiting.Add(number);
    }

    public void DeleteWaiting(PlaceRecord place, ulong number)
    {
        if (place.Waiting.Remove(number))
        {
            _deleteWaiting.Run(place.Id, (long)number);
        }
    }

    /// <summary>Runs a statement that is seldom needed.</summary>
    public void Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = _connection.Prepare(sql, values.Length);
        command.Run(values);
    }

    /// <summary>Runs an insert that is seldom needed.</summary>
    /// <returns>The id of the new row.</returns>
    public long Insert(string sql, params ReadOnlySpan<object?> values)
    {
        Execute(sql, values);
        return (long)_connection.Scalar("SELECT last_insert_rowid()")!;
    }

    /// <summary>Lets the write-ahead log begin anew, after what is left in it is copied.</summary>
    public void Restart() => _connection.Execute("PRAGMA wal_checkpoint(RESTART)");

    /// <summary>Copies everything into the file, so that it stands alone, and closes it.</summary>
    public void Close()
    {
        try
        {
            _setClock.Run(LogClock.ToStored(Clock.Now));
            _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // A full disk: what is in the write-ahead log stays there.
        }

        Dispose();
    }

    public void Dispose()
    {
        _batches.Dispose();
        foreach (var command in (SqliteCommand[])[_begin, _commit, _updateEvent, _updatePlace, _putPage, _deletePage, _putWaiting, _deleteWaiting, _setClock])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private void Write(PlaceRecord record)
    {
        _updatePlace.Run(record.Id, (long)record.Floor, record.Generation);
        foreach (var page in record.ChangedPages)
        {
            if (record.GetPage(page) is { } bits)
            {
                _putPage.Run(record.Id, (long)page, bits);
            }
            else
            {
                _deletePage.Run(record.Id, (long)page);
            }
        }
    }
}
