using EventBroker.Sdk.Errors;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Storage;

/// <summary>Short forms for what SQLite is asked and answers.</summary>
internal static class SqliteExtensions
{
    private const int Full = 13;

    // The index of the write-ahead log could not grow.
    private const int NoRoomForSharedMemory = 10 | (19 << 8);
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static object? Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Prepares a command whose parameters are <c>$0</c>, <c>$1</c> and so on.</summary>
    public static SqliteCommand Prepare(this SqliteConnection connection, string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}", Value = DBNull.Value });
        }

        command.Prepare();
        return command;
    }

    /// <summary>Sets the parameters of a prepared command.</summary>
    public static SqliteCommand With(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    public static void Run(this SqliteCommand command, params ReadOnlySpan<object?> values) => command.With(values).ExecuteNonQuery();

    public static long? GetNullableInt64(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Tells whether there is no room left: SQLite says so, or the write failed with the system's own word for it.</summary>
    public static bool IsFull(this SqliteException failure) => failure.SqliteErrorCode == Full || failure.SqliteExtendedErrorCode == NoRoomForSharedMemory;

    public static bool IsDamage(this SqliteException failure) => failure.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Puts a failure into words for callers.</summary>
    public static BrokerException ToBroker(this Exception failure, string transport) => failure switch
    {
        BrokerException known => known,
        SqliteException full when full.IsFull() => DiskFull(transport, full),
        SqliteException damage when damage.IsDamage() => new BrokerException(
            BrokerErrorCode.Unavailable, $"the file of transport '{transport}' is damaged; an operator has to check it", damage),
        InvalidDataException damage => new BrokerException(
            BrokerErrorCode.Unavailable, $"the file of transport '{transport}' is damaged; an operator has to check it", damage),
        _ => new BrokerException(BrokerErrorCode.Unavailable, $"transport '{transport}' can't use its file", failure),
    };

    public static BrokerException DiskFull(string transport, Exception? cause = null)
    {
        var message = $"the disk of transport '{transport}' is full; what is there is still delivered and settled";
        return cause is null
            ? new BrokerException(BrokerErrorCode.ResourceExhausted, message)
            : new BrokerException(BrokerErrorCode.ResourceExhausted, message, cause);
    }
}
