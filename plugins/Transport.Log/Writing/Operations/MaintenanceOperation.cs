using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Removes some of what has come of age or belongs to nobody, and gives room back to the disk.</summary>
internal sealed class MaintenanceOperation(IReadOnlyCollection<EventRecord> records) : TaskOperation<bool>
{
    private const int BatchesAtOnce = 500;
    private const int PagesAtOnce = 2000;

    // Kept in the file for what comes next: 4 MiB, or an eighth of it.
    private const long FreePages = 1024;

    private bool _hasMore;

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

        _hasMore |= RemoveUnregistered(context) | Vacuum(context.Connection);
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

    private static bool Vacuum(SqliteConnection connection)
    {
        var free = (long)connection.Scalar("PRAGMA freelist_count")!;
        var spare = free - Math.Max(FreePages, (long)connection.Scalar("PRAGMA page_count")! / 8);
        if (spare <= 0)
        {
            return false;
        }

        // A step of the statement is a page: it has to be read to its end.
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA incremental_vacuum({Math.Min(spare, PagesAtOnce)})";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }

        return spare > PagesAtOnce;
    }
}
