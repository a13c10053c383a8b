namespace EventBroker.Endpoints.Streaming;

// Beats for one stream until it is disposed.
internal sealed class Heartbeat : IAsyncDisposable
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IHasHeartbeat _stream;
    private readonly DueLine<Heartbeat> _beats;
    private readonly DueLine<Heartbeat>? _answers;
    private LinkedListNode<(Heartbeat Item, long Due)>? _next;
    private LinkedListNode<(Heartbeat Item, long Due)>? _answer;
    private Task _beat = Task.CompletedTask;
    private bool _isDisposed;

    public Heartbeat(IHasHeartbeat stream, DueLine<Heartbeat> beats, DueLine<Heartbeat>? answers)
    {
        _stream = stream;
        _beats = beats;
        _answers = answers;
        _next = beats.Add(this);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Stop();
        }

        await _beat;
    }

    public void Beat()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _next = _beats.Add(this);
            if (_beat.IsCompleted)
            {
                _beat = BeatAsync();
            }
        }
    }

    public void LookForAnswer(TimeSpan late)
    {
        lock (_gate)
        {
            _answer = null;
            if (_isDisposed || !_stream.IsUnanswered)
            {
                return;
            }

            if (late > Standstill)
            {
                // It is the broker that stood still, and it may not have read yet what has come meanwhile.
                _answer = _answers!.Add(this);
                return;
            }
        }

        _stream.GiveUp();
    }

    private async Task BeatAsync()
    {
        try
        {
            await _stream.BeatAsync();
            lock (_gate)
            {
                // An answer that is owed already is not waited for any longer.
                if (!_isDisposed && _answers is not null && _answer is null && _stream.IsUnanswered)
                {
                    _answer = _answers.Add(this);
                }
            }
        }
#pragma warning disable CA1031 // The connection is gone; its pump has noticed or will, and says why.
        catch (Exception)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                Stop();
            }
        }
    }

    // Under the lock.
    private void Stop()
    {
        if (_next is not null)
        {
            _beats.Remove(_next);
        }

        if (_answer is not null)
        {
            _answers!.Remove(_answer);
        }
    }
}
