using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Removes some of what has come of age or belongs to nobody, and gives room back to the disk.</summary>
internal sealed class MaintenanceOperation(IReadOnlyCollection<EventRecord> records, bool isFull) : TaskOperation<bool>
{
    private const int BatchesAtOnce = 500;
    private const int PagesAtOnce = 2000;

    // What is moved to the front is written first: it has to fit into the room that is set aside.
    private const int PagesAtOnceWhenFull = 64;

    // Kept in the file for what comes next: 4 MiB, or an eighth of it. Not while the disk is full: only what it has back counts as room.
    private const long FreePages = 1024;

    private bool _hasMore;

    public override bool FreesRoom => true;

    /// <summary>Gets whether there is more to do.</summary>
    protected override bool Result => _hasMore;

    public override void Apply(WriteContext context)
    {
        _hasMore = false;
        foreach (var record in records.Where(static r => !r.IsRemoved))
        {
            _hasMore |= context.Retain(record);
            record.Ids.Forget(context.NowTicks);
        }

        // What is removed next need not be moved before.
        _hasMore |= RemoveUnregistered(context);
        _hasMore = _hasMore || Vacuum(context.Connection);
    }

    private static bool RemoveUnregistered(WriteContext context)
    {
        if (context.Connection.Scalar("SELECT event FROM removed LIMIT 1") is not long eventId)
        {
            return false;
        }

        context.Execute(
            "DELETE FROM batches WHERE id IN (SELECT id FROM batches WHERE id >= $0 AND id < $1 LIMIT $2)",
            BatchKey.Of(eventId, 0),
            BatchKey.Of(eventId + 1, 0),
            BatchesAtOnce);
        if ((long)context.Connection.Scalar("SELECT changes()")! < BatchesAtOnce)
        {
            context.Execute("DELETE FROM removed WHERE event = $0", eventId);
        }

        return true;
    }

    private bool Vacuum(SqliteConnection connection)
    {
        var free = (long)connection.Scalar("PRAGMA freelist_count")!;
        var spare = isFull ? free : free - Math.Max(FreePages, (long)connection.Scalar("PRAGMA page_count")! / 8);
        if (spare <= 0)
        {
            return false;
        }

        var atOnce = isFull ? PagesAtOnceWhenFull : PagesAtOnce;

        // A step of the statement is a page: it has to be read to its end.
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA incremental_vacuum({Math.Min(spare, atOnce)})";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }

        return spare > atOnce;
    }
}
