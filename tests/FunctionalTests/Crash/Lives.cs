namespace EventBroker.FunctionalTests.Crash;

// The lives of the broker, counted from 1, so that whoever was cut off knows that it was meant to be and waits for the next one; and the
// rendezvous at which a life ends: in the thread of the client that comes by, so that nothing happens in between.
internal sealed class Lives(Action kill)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<int?> _next = Create();
    private TaskCompletionSource _killed = new();
    private KillPoint? _point;
    private int _left;
    private int _current;
    private bool _isOver = true;

    // The next life has begun.
    public void Begin()
    {
        TaskCompletionSource<int?> begun;
        lock (_lock)
        {
            _current++;
            _isOver = false;
            begun = _next;
            _next = Create();
        }

        begun.SetResult(_current);
    }

    // Ends the life now.
    public void Kill()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _isOver = true;
                kill();
            }
        }
    }

    // There is no other life.
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            kill();
            _next.SetResult(null);
        }
    }

    // The number of the life that follows on one; null if there is none.
    public Task<int?> AfterAsync(int life)
    {
        lock (_lock)
        {
            return !_isOver && _current > life ? Task.FromResult<int?>(_current) : _next.Task;
        }
    }

    public bool IsOver(int life)
    {
        lock (_lock)
        {
            return _isOver || _current > life;
        }
    }

    // Ends when the broker was killed: the count-th client that comes by does it.
    public Task KillAtAsync(KillPoint point, int count)
    {
        lock (_lock)
        {
            _point = point;
            _left = count;
            _killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _killed.Task;
        }
    }

    public void Pass(KillPoint point)
    {
        lock (_lock)
        {
            if (_point != point || --_left > 0)
            {
                return;
            }

            _point = null;
            _isOver = true;
            kill();
        }

        _killed.SetResult();
    }

    private static TaskCompletionSource<int?> Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
