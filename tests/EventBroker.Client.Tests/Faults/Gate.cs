namespace EventBroker.Client.Tests.Faults;

// One direction of a proxy.
internal sealed class Gate
{
    private readonly Lock _lock = new();
    private readonly Counted _stopped = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GateMode _mode;

    public GateMode Mode
    {
        get
        {
            lock (_lock)
            {
                return _mode;
            }
        }

        set
        {
            lock (_lock)
            {
                _mode = value;
                _changed.TrySetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    // How often bytes have met a gate that did not let them pass.
    public int Stopped => _stopped.Value;

    public Task StoppedAsync(int count) => _stopped.ReachAsync(count);

    // Ends when the bytes may go on, with false if they are to be forgotten.
    public async ValueTask<bool> PassesAsync(int bytes, CancellationToken cancellationToken)
    {
        var counted = false;
        while (true)
        {
            Task changed;
            GateMode mode;
            lock (_lock)
            {
                mode = _mode;
                changed = _changed.Task;
            }

            if (mode == GateMode.Pass)
            {
                return true;
            }

            if (!counted)
            {
                counted = true;
                _stopped.Increment();
            }

            // The end of a swallowed stream is swallowed too, but only once.
            if (mode == GateMode.Swallow && bytes > 0)
            {
                return false;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
