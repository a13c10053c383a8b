namespace EventBroker.Client.Tests.Faults;

// A count that one can wait for.
internal sealed class Counted
{
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _value;

    public int Value
    {
        get
        {
            lock (_lock)
            {
                return _value;
            }
        }
    }

    public void Increment()
    {
        lock (_lock)
        {
            _value++;
            foreach (var (count, reached) in _waiting)
            {
                if (count <= _value)
                {
                    reached.TrySetResult();
                }
            }

            _waiting.RemoveAll(w => w.Count <= _value);
        }
    }

    public Task ReachAsync(int count)
    {
        lock (_lock)
        {
            if (_value >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task;
        }
    }
}
