namespace EventBroker.FunctionalTests.Hosting;

// How many requests the broker is working on, so that a test sees whether a stream has really ended.
internal sealed class RequestCounter
{
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _count;

    public void Begin()
    {
        lock (_gate)
        {
            _count++;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _count--;
            foreach (var (_, reached) in _waiting.Where(w => _count <= w.Count))
            {
                reached.TrySetResult();
            }
        }
    }

    public Task FallToAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_count <= count)
            {
                return Task.CompletedTask;
            }

            _waiting.Add((count, reached));
        }

        return reached.Task;
    }
}
