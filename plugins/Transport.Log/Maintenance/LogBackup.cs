using EventBroker.Sdk.Errors;
using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Maintenance;

/// <summary>Copies a log into a file that stands alone, consistent, while the broker writes.</summary>
internal static class LogBackup
{
    public static int Run(string file, string target, TextWriter output)
    {
        try
        {
            using var connection = Database.OpenReader(file);
            using var command = connection.Prepare("VACUUM INTO $0", 1);
            command.CommandTimeout = 0;
            command.Run(target);
        }
        catch (SqliteException failure)
        {
            File.Delete(target);
            throw new BrokerException(BrokerErrorCode.Unavailable, $"The copy could not be made: {failure.Message}", failure);
        }

        output.WriteLine($"Copied {file} to {target} ({new FileInfo(target).Length} bytes).");
        output.WriteLine($"To go back to it, end the broker, and put it as {LogDirectory.DatabaseName} into an empty folder that \"directory\" names.");
        return 0;
    }
}
