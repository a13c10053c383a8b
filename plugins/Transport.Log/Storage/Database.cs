using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Storage;

/// <summary>Opens connections to the file.</summary>
internal static class Database
{
    /// <summary>Opens the connection that writes, and makes or updates the tables.</summary>
    public static SqliteConnection OpenWriter(string path, Durability durability)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Schema.Prepare(connection);
            connection.Execute("PRAGMA journal_mode=WAL");
            connection.Execute(durability == Durability.Full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");

            // How long it waits for readers and for the checkpointer when the write-ahead log has to begin anew.
            connection.Execute("PRAGMA busy_timeout=250");

            // The checkpointer does it beside the writer.
            connection.Execute("PRAGMA wal_autocheckpoint=0");
            connection.Execute("PRAGMA cache_size=-16384");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads, beside the writer.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadOnly);
        try
        {
            connection.Execute("PRAGMA cache_size=-4096");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that copies the write-ahead log into the file.</summary>
    public static SqliteConnection OpenCheckpointer(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWrite);
        connection.Execute("PRAGMA wal_autocheckpoint=0");
        return connection;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        // A private connection: what the pool would keep open outlives the transport.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 30 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
