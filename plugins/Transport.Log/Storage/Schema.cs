using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Storage;

/// <summary>The tables of the log, for people described in docs/log.md, and how an older file becomes one of today.</summary>
internal static class Schema
{
    /// <summary>The version that this broker writes, kept in <c>user_version</c>.</summary>
    public const int Version = 2;

    /// <summary>Tells a log from any other SQLite file, kept in <c>application_id</c>: "EBlg".</summary>
    public const int ApplicationId = 0x45426c67;

    private const string Tables = """
        CREATE TABLE events (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          epoch INTEGER NOT NULL,
          retention INTEGER, max_bytes INTEGER, max_messages INTEGER, max_message_bytes INTEGER, deduplication_window INTEGER,
          next INTEGER NOT NULL,
          oldest INTEGER NOT NULL,
          bytes INTEGER NOT NULL);
        CREATE TABLE batches (
          id INTEGER PRIMARY KEY,
          count INTEGER NOT NULL,
          accepted INTEGER NOT NULL,
          bytes INTEGER NOT NULL,
          ids BLOB,
          body BLOB NOT NULL);
        CREATE TABLE places (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          event INTEGER NOT NULL,
          kind TEXT NOT NULL,
          name TEXT NOT NULL,
          generation INTEGER NOT NULL,
          floor INTEGER NOT NULL,
          has_options INTEGER NOT NULL,
          max_age INTEGER,
          latest_only INTEGER NOT NULL,
          UNIQUE (event, kind, name));
        CREATE TABLE settled (
          place INTEGER NOT NULL,
          page INTEGER NOT NULL,
          bits BLOB NOT NULL,
          PRIMARY KEY (place, page)) WITHOUT ROWID;
        CREATE TABLE waiting (
          place INTEGER NOT NULL,
          message INTEGER NOT NULL,
          attempts INTEGER NOT NULL,
          due INTEGER NOT NULL,
          body BLOB,
          PRIMARY KEY (place, message)) WITHOUT ROWID;
        CREATE TABLE removed (event INTEGER PRIMARY KEY);
        """;

    // What a file of the version before lacks, from the index 0: from 1 to 2.
    private static readonly string[] Migrations =
    [
        "CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL)",
    ];

    /// <summary>Makes the tables in an empty file, or brings those of an older one up to date.</summary>
    /// <param name="connection">The only connection.</param>
    /// <exception cref="InvalidDataException">The file is none of ours, or newer; the message says which.</exception>
    public static void Prepare(SqliteConnection connection)
    {
        var application = (long)connection.Scalar("PRAGMA application_id")!;
        var version = (long)connection.Scalar("PRAGMA user_version")!;
        if (application == 0 && version == 0 && (long)connection.Scalar("SELECT count(*) FROM sqlite_schema")! == 0)
        {
            // Before the journal mode: afterwards it silently does nothing.
            connection.Execute("PRAGMA auto_vacuum=INCREMENTAL");
            connection.Execute("PRAGMA journal_mode=WAL");
            using var creation = connection.BeginTransaction();
            connection.Execute(Tables);
            Upgrade(connection, from: 1);
            creation.Commit();
            return;
        }

        if (application != ApplicationId)
        {
            throw new InvalidDataException("it is an SQLite file, but not a log of this broker");
        }

        if (version > Version)
        {
            throw new InvalidDataException(
                $"it was written by a newer broker (schema {version}, this one knows {Version}); start that one, or go back to a backup");
        }

        if (version < Version)
        {
            using var upgrade = connection.BeginTransaction();
            Upgrade(connection, (int)version);
            upgrade.Commit();
        }
    }

    private static void Upgrade(SqliteConnection connection, int from)
    {
        foreach (var step in Migrations.Skip(from - 1))
        {
            connection.Execute(step);
        }

        connection.Execute($"PRAGMA application_id={ApplicationId}");
        connection.Execute($"PRAGMA user_version={Version}");
    }
}
