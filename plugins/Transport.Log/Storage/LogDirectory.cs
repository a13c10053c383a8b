using System.Globalization;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Log.Storage;

/// <summary>The folder of a log: its files, and the lock that keeps a second broker out.</summary>
internal sealed class LogDirectory : IDisposable
{
    public const string DatabaseName = "events.db";

    private const string LockName = "lock";

    private const int EagainOnLinux = 11;
    private const int EagainOnMac = 35;
    private const int SharingViolationOnWindows = unchecked((int)0x80070020);

    // Beside the lock, which nobody else can read.
    private const string HolderName = "holder";
    private readonly FileStream _lock;

    private LogDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, DatabaseName);

    public string WriteAheadLog => Database + "-wal";

    public string Reserve => System.IO.Path.Combine(Path, "reserve");

    public string HandedOver => System.IO.Path.Combine(Path, "handed-over");

    /// <summary>Takes a folder, making it if it does not exist.</summary>
    /// <exception cref="BrokerException">It can't be used, or another broker has it; the message says who.</exception>
    public static LogDirectory Take(string path, TimeProvider clock)
    {
        var full = System.IO.Path.GetFullPath(path);
        var lockFile = System.IO.Path.Combine(full, LockName);
        try
        {
            Directory.CreateDirectory(full);

            // The lock of the open file ends with the process, however that ends.
            var directory = new LogDirectory(full, new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            directory.SayWho(clock);
            return directory;
        }
        catch (IOException failure) when (IsHeld(failure))
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition,
                $"the log in '{full}' is in use by another broker ({ReadHolder(full)}); one folder serves one broker: end the other one, or give this one a folder of its own",
                failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition, $"the folder '{full}' of the log can't be used: {failure.Message}", failure);
        }
    }

    public void Dispose() => _lock.Dispose();

    // Every system has a number of its own for it.
    private static bool IsHeld(IOException failure) => failure.HResult is EagainOnLinux or EagainOnMac or SharingViolationOnWindows;

    private static string ReadHolder(string path)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(path, HolderName)) is { Length: > 0 } holder ? holder : "which could not say who it is";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "who it is can't be read: " + failure.Message;
        }
    }

    private void SayWho(TimeProvider clock)
    {
        try
        {
            File.WriteAllText(
                System.IO.Path.Combine(Path, HolderName),
                $"process {Environment.ProcessId} on {Environment.MachineName}, since {clock.GetUtcNow().ToString("u", CultureInfo.InvariantCulture)}");
        }
        catch (IOException)
        {
            // A full disk: the lock holds all the same, it names nobody.
        }
    }
}
