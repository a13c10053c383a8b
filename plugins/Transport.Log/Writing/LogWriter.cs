using EventBroker.Sdk.Errors;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing.Operations;
using Microsoft.Data.Sqlite;

namespace EventBroker.Transport.Log.Writing;

/// <summary>The one thread that writes. Whatever has gathered while a commit was under way goes into the next: the more callers, the more
/// of them share the wait for the disk.</summary>
internal sealed class LogWriter : IDisposable
{
    private const long MaxBytesPerCommit = 8 * 1024 * 1024;
    private const int MaxOperationsPerCommit = 8192;

    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly WriteContext _context;
    private readonly Reserve _reserve;
    private readonly Checkpointer _checkpointer;
    private readonly string _transport;
    private List<WriteOperation> _queue = [];
    private List<WriteOperation> _spare = [];
    private bool _isWaiting;
    private bool _isStopping;
    private long _commits;

    public LogWriter(string transport, WriteContext context, Reserve reserve, Checkpointer checkpointer)
    {
        _transport = transport;
        _context = context;
        _reserve = reserve;
        _checkpointer = checkpointer;
        _thread = new Thread(Run) { IsBackground = true, Name = $"log {transport}" };
        _thread.Start();
    }

    public long Commits => Volatile.Read(ref _commits);

    /// <summary>Gets the last failure to write, for health; null while it works.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Hands an operation over. It is decided later, in the order of these calls.</summary>
    public void Enqueue(WriteOperation operation)
    {
        lock (_gate)
        {
            if (!_isStopping)
            {
                _queue.Add(operation);
                if (_isWaiting)
                {
                    _isWaiting = false;
                    Monitor.Pulse(_gate);
                }

                return;
            }
        }

        operation.Failed(BrokerErrors.TransportClosed());
    }

    /// <summary>Writes what has gathered, and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (TakeGathered() is { } gathered)
        {
            for (var first = 0; first < gathered.Count;)
            {
                long bytes = 0;
                var count = 0;
                while (first + count < gathered.Count && bytes < MaxBytesPerCommit && count < MaxOperationsPerCommit)
                {
                    bytes += gathered[first + count++].Bytes;
                }

                WriteOrFail(gathered.GetRange(first, count));
                first += count;
            }

            gathered.Clear();
            _spare = gathered;
        }
    }

    private List<WriteOperation>? TakeGathered()
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_isStopping)
                {
                    return null;
                }

                _isWaiting = true;
                Monitor.Wait(_gate);
            }

            _isWaiting = false;
            var gathered = _queue;
            _queue = _spare;
            return gathered;
        }
    }

    private void WriteOrFail(List<WriteOperation> operations)
    {
        try
        {
            Write(operations);
        }
#pragma warning disable CA1031 // Not even the way back from a failure worked: whoever waits has to hear of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LastFailure = failure;
            operations.ForEach(o => o.Failed(failure.ToBroker(_transport)));
        }
    }

    private void Write(List<WriteOperation> operations)
    {
        if (_checkpointer.TakeNoRoom() && !_reserve.IsUsed)
        {
            _reserve.Use();
            Checkpointer.TryRestart(_context);
        }

        if (_reserve.IsUsed)
        {
            RefuseThoseThatNeedRoom(operations);
        }

        if (TryWrite(operations) is not { } failure)
        {
            return;
        }

        if (failure is SqliteException full && full.IsFull())
        {
            // What was set aside is for those who make room, or need little.
            _reserve.Use();
            RefuseThoseThatNeedRoom(operations);
            Checkpointer.TryRestart(_context);
            failure = TryWrite(operations);
            if (failure is null)
            {
                return;
            }
        }

        LastFailure = failure;
        var told = failure.ToBroker(_transport);
        foreach (var operation in operations)
        {
            operation.Failed(told);
        }
    }

    private void RefuseThoseThatNeedRoom(List<WriteOperation> operations)
    {
        foreach (var operation in operations.Where(static o => o.NeedsRoom))
        {
            operation.Failed(SqliteExtensions.DiskFull(_transport));
        }

        operations.RemoveAll(static o => o.NeedsRoom);
    }

    // One failed operation does not fail the others, a failed commit does. What has failed is removed from the list.
    private Exception? TryWrite(List<WriteOperation> operations)
    {
        if (operations.Count == 0)
        {
            return null;
        }

        try
        {
            _context.Begin();
            for (var i = 0; i < operations.Count; i++)
            {
                try
                {
                    operations[i].Apply(_context);
                }
                catch (BrokerException refusal)
                {
                    operations[i].Failed(refusal);
                    operations.RemoveAt(i--);
                }
            }

            _context.Commit();
        }
#pragma warning disable CA1031 // Whatever it is, it is told to those who wait; the writer goes on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _context.RollBack();
            return failure;
        }

        Interlocked.Increment(ref _commits);
        LastFailure = null;
        _context.Publish();
        if (_reserve.IsUsed && operations.Exists(static o => o.FreesRoom))
        {
            // The file shrinks when the write-ahead log is copied, and whoever is told now looks whether there is room.
            Checkpointer.TryRestart(_context);
        }

        foreach (var operation in operations)
        {
            operation.Committed();
        }

        // When everybody knows: they need not wait for this.
        _checkpointer.AfterCommit(operations.Sum(static o => o.Bytes), _context, _reserve.IsUsed);
        return null;
    }
}
