using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Maintenance;

/// <summary>Reads a whole log and tells what of it can still be read.</summary>
internal sealed class LogCheck(string file, TextWriter output)
{
    private const int MaxLines = 20;

    private readonly List<string> _faults = [];

    /// <summary>Checks.</summary>
    /// <returns>Whether all is well.</returns>
    public bool Run(CancellationToken cancellationToken)
    {
        output.WriteLine($"  file {file}, {new FileInfo(file).Length} bytes");
        try
        {
            using var connection = Database.OpenReader(file);
            if (connection.Scalar("PRAGMA application_id") is not (long)Schema.ApplicationId)
            {
                _faults.Add("it is not marked as a log of this broker");
            }

            CheckPages(connection);
            foreach (var (id, name, next, oldest) in ReadEvents(connection))
            {
                CheckMessages(connection, id, name, next, oldest, cancellationToken);
            }
        }
        catch (SqliteException failure)
        {
            _faults.Add(failure.Message);
        }

        if (_faults.Count == 0)
        {
            output.WriteLine("  Nothing is damaged.");
            return true;
        }

        foreach (var fault in _faults.Take(MaxLines))
        {
            output.WriteLine("  DAMAGED: " + fault);
        }

        if (_faults.Count > MaxLines)
        {
            output.WriteLine($"  and {_faults.Count - MaxLines} more");
        }

        output.WriteLine("  To go on: end the broker, run the command repair with the path of a new folder, and name that folder as \"directory\"; or go back to a backup.");
        return false;
    }

    private static List<(long Id, string Name, ulong Next, ulong Oldest)> ReadEvents(SqliteConnection connection)
    {
        using var command = connection.Prepare("SELECT id, name, next, oldest FROM events ORDER BY name", 0);
        using var reader = command.ExecuteReader();
        var events = new List<(long, string, ulong, ulong)>();
        while (reader.Read())
        {
            events.Add((reader.GetInt64(0), reader.GetString(1), (ulong)reader.GetInt64(2), (ulong)reader.GetInt64(3)));
        }

        return events;
    }

    private void CheckPages(SqliteConnection connection)
    {
        using var command = connection.Prepare("PRAGMA integrity_check(100)", 0);
        command.CommandTimeout = 0;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (reader.GetString(0) is not "ok" and var fault)
            {
                _faults.Add(fault);
            }
        }
    }

    private void CheckMessages(SqliteConnection connection, long id, string name, ulong next, ulong oldest, CancellationToken cancellationToken)
    {
        var expected = oldest;
        long readable = 0;
        foreach (var batch in new ReadableBatches(connection, id, fault => _faults.Add($"event {name}: {fault}")).Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (batch.First > expected)
            {
                _faults.Add($"event {name}: messages {expected} to {batch.First - 1} are missing");
            }

            readable += batch.Count;
            expected = Math.Max(expected, batch.End);
        }

        if (expected < next)
        {
            _faults.Add($"event {name}: messages {expected} to {next - 1} are missing");
        }

        output.WriteLine($"  event {name}: {readable} messages are readable");
    }
}
