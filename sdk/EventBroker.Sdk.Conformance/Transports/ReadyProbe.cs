using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>A ready signal that a test can wait for.</summary>
public sealed class ReadyProbe : IReadySignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>Gets a task that ends with the next signal after this call.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Gets how many signals came.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public void Ready()
    {
        Interlocked.Increment(ref _count);
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
