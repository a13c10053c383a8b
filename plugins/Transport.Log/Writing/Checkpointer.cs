using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing;

/// <summary>Copies the write-ahead log into the file, beside the writer for the most part.</summary>
/// <remarks>Beside the writer it never gets to the very end as long as something is written, and only from there the write-ahead log
/// begins anew: when it has grown too long the writer waits for the rest, which is short by then.</remarks>
internal sealed class Checkpointer : IDisposable
{
    private const long BytesBetween = 8 * 1024 * 1024;
    private const long LongestWriteAheadLog = 64 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly FileInfo _writeAheadLog;
    private readonly Lock _lock = new();
    private long _bytes;
    private int _isRunning;
    private bool _isDisposed;

    public Checkpointer(LogDirectory directory)
    {
        _connection = Database.OpenCheckpointer(directory.Database);
        _writeAheadLog = new FileInfo(directory.WriteAheadLog);
    }

    /// <summary>Looks whether it is time. Called by the writer after each commit.</summary>
    /// <param name="bytes">Roughly how much was written.</param>
    /// <param name="context">The writer's connection.</param>
    public void AfterCommit(long bytes, WriteContext context)
    {
        // A page at the least.
        _bytes += bytes + 4096;
        if (_bytes < BytesBetween)
        {
            return;
        }

        _bytes = 0;
        _writeAheadLog.Refresh();
        if (_writeAheadLog.Exists && _writeAheadLog.Length > LongestWriteAheadLog)
        {
            context.Restart();
        }
        else if (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static checkpointer => checkpointer.Run(), this, preferLocal: false);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _connection.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            lock (_lock)
            {
                if (!_isDisposed)
                {
                    _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
                }
            }
        }
        catch (SqliteException)
        {
            // No room, or the disk fails: the writer meets the same and tells of it. The next one tries again.
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
