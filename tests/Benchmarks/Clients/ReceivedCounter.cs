namespace Benchmarks.Clients;

/// <summary>Counts what one or more readers have received, and tells when a target is reached.</summary>
internal sealed class ReceivedCounter
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _fault;
    private long _target = long.MaxValue;
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Add(long received)
    {
        if (Interlocked.Add(ref _count, received) >= Volatile.Read(ref _target))
            Complete();
    }

    /// <summary>Ends the present and every later wait with this fault.</summary>
    public void Fail(Exception fault)
    {
        lock (_lock)
        {
            _fault = fault;
            _reached.TrySetException(fault);
        }
    }

    /// <summary>Waits until as many were received since the start. One waiter at a time.</summary>
    public async Task WaitForAsync(long target, CancellationToken cancellation)
    {
        Task reached;
        lock (_lock)
        {
            if (_fault is not null)
                throw new InvalidOperationException($"A call has ended: {_fault.Message}", _fault);

            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _target, target);
            reached = _reached.Task;
        }

        // A reader that counted before it could see the target.
        Interlocked.MemoryBarrier();
        if (Count >= target)
            Complete();

        try
        {
            await reached.WaitAsync(cancellation);
        }
        catch (OperationCanceledException fault)
        {
            throw new TimeoutException($"{Count} of {target} messages were received in time.", fault);
        }
        finally
        {
            Volatile.Write(ref _target, long.MaxValue);
        }
    }

    private void Complete()
    {
        lock (_lock)
            _reached.TrySetResult();
    }
}
