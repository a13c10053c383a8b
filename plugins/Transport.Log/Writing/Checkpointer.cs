using EventBroker.Transport.Log.Storage;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing;

/// <summary>Copies the write-ahead log into the file, beside the writer for the most part.</summary>
/// <remarks>Beside the writer it never gets to the very end as long as something is written, and only from there the write-ahead log
/// begins anew: when it has grown too long the writer waits for the rest, which is short by then.</remarks>
internal sealed class Checkpointer : IDisposable
{
    private const long MostBytesBetween = 8 * 1024 * 1024;
    private const long LongestWriteAheadLog = 64 * 1024 * 1024;

    // What a commit writes beside its messages: the pages around them.
    private const long BytesBesideMessages = 16 * 1024;

    // On a full disk: what is written in between has to fit into the room that is set aside, again and again.
    private const int CommitsBetweenWhenFull = 8;

    private readonly SqliteConnection _connection;
    private readonly FileInfo _writeAheadLog;
    private readonly Lock _lock = new();
    private readonly long _bytesBetween;
    private long _written;
    private long _copied;
    private int _commitsWhenFull;
    private int _isRunning;
    private bool _hasNoRoom;
    private bool _isDisposed;

    /// <summary>Initializes a checkpointer.</summary>
    /// <param name="directory">Where the log is.</param>
    /// <param name="reservedBytes">The room that is set aside. When the disk is full the file still grows by what is not copied yet,
    /// so that is kept well below it.</param>
    public Checkpointer(LogDirectory directory, long reservedBytes)
    {
        _bytesBetween = Math.Min(MostBytesBetween, reservedBytes / 4);
        _connection = Database.OpenCheckpointer(directory.Database);
        _writeAheadLog = new FileInfo(directory.WriteAheadLog);

        // What lives before this one have left counts, or many short ones would let it grow without end.
        _written = _writeAheadLog.Exists ? _writeAheadLog.Length : 0;
    }

    /// <summary>Tells whether the last copy found no room, once. The write-ahead log, whose room is used anew, would still take messages then,
    /// and more of them than the room that is set aside could ever copy.</summary>
    public bool TakeNoRoom() => _hasNoRoom && Interlocked.Exchange(ref _hasNoRoom, false);

    /// <summary>Looks whether it is time. Called by the writer after each commit.</summary>
    /// <param name="bytes">Roughly how much was written.</param>
    /// <param name="context">The writer's connection.</param>
    /// <param name="isFull">Whether the disk is.</param>
    public void AfterCommit(long bytes, WriteContext context, bool isFull)
    {
        if (isFull)
        {
            if (++_commitsWhenFull % CommitsBetweenWhenFull == 0)
            {
                TryRestart(context);
            }

            return;
        }

        Volatile.Write(ref _written, _written + bytes + BytesBesideMessages);
        var behind = _written - Volatile.Read(ref _copied);
        if (behind < _bytesBetween)
        {
            return;
        }

        _writeAheadLog.Refresh();
        if (_writeAheadLog.Exists && _writeAheadLog.Length > LongestWriteAheadLog)
        {
            TryRestart(context);
            Volatile.Write(ref _copied, _written);
        }
        else if (behind >= _bytesBetween * 2)
        {
            // It does not keep up, and on a disk that is full by then there would be no room for the rest.
            Run();
        }
        else if (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static checkpointer => checkpointer.Run(), this, preferLocal: false);
        }
    }

    /// <summary>Copies everything, so that the room of the write-ahead log is used anew. Called by the writer only.</summary>
    /// <returns>Whether that was possible.</returns>
    public static bool TryRestart(WriteContext context)
    {
        try
        {
            context.Restart();
            return true;
        }
        catch (SqliteException)
        {
            // No room, or the disk fails: the next commit meets the same and tells of it.
            return false;
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
                    var upTo = Volatile.Read(ref _written);
                    _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
                    Volatile.Write(ref _copied, upTo);
                    Volatile.Write(ref _hasNoRoom, false);
                }
            }
        }
        catch (SqliteException failure)
        {
            // Where the disk fails the writer meets the same and tells of it. The next one tries again.
            Volatile.Write(ref _hasNoRoom, failure.IsFull());
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
