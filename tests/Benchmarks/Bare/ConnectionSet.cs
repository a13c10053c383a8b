namespace Benchmarks.Bare;

/// <summary>The connections that are open now. Read whole by the sender, so the set is copied on each change.</summary>
internal sealed class ConnectionSet<T>
    where T : class
{
    private readonly Lock _lock = new();
    private volatile T[] _current = [];

    public T[] Current => _current;

    /// <summary>Keeps the connection in the set until its client leaves.</summary>
    public async Task HoldAsync(T connection, CancellationToken closed)
    {
        lock (_lock)
            _current = [.. _current, connection];

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (closed.Register(ended.SetResult))
            await ended.Task;

        lock (_lock)
            _current = [.. _current.Where(other => other != connection)];
    }
}
