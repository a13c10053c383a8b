using EventBroker.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Connections;

/// <summary>Knows the state of the connection from what happens to its sockets and from the answers that come back, and
/// tells whoever wants to know, in order and never on the thread that made the change.</summary>
internal sealed class ConnectionMonitor(bool seesSockets, ILogger logger) : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly List<MonitoredStream> _open = [];
    private readonly Queue<ConnectionStateChangedEventArgs> _changes = new();
    private TaskCompletionSource _nextDrop = NewDrop();
    private int _connecting;
    private bool _answered;
    private bool _telling;
    private volatile ConnectionState _state;

    /// <summary>Raised for every change.</summary>
    public event EventHandler<ConnectionStateChangedEventArgs>? Changed;

    public ConnectionState State => _state;

    /// <summary>Gets a task that ends when a connection ends; not where sockets can't be seen.</summary>
    public Task NextDrop => Volatile.Read(ref _nextDrop).Task;

    public void Connecting() => Update(static self => self._connecting++);

    public void ConnectFailed() => Update(static self => self._connecting--);

    public void Opened(MonitoredStream stream)
    {
        lock (_lock)
        {
            _connecting--;
            _open.Add(stream);
            Refresh();
        }
    }

    public void Dropped(MonitoredStream stream)
    {
        lock (_lock)
        {
            _open.Remove(stream);
            Refresh();
        }

        Interlocked.Exchange(ref _nextDrop, NewDrop()).SetResult();
    }

    /// <summary>The broker has answered a call. Cheap while that is nothing new.</summary>
    public void Answered()
    {
        if (_state == ConnectionState.Connected)
        {
            return;
        }

        Update(static self =>
        {
            self._answered = true;
            foreach (var stream in self._open)
            {
                // Not one that was opened a moment ago and is silent: the answer came over another.
                stream.HasAnswered |= stream.HasReceived;
            }
        });
    }

    /// <summary>Something in between has answered a call: that its connection is open says nothing about the broker.</summary>
    public void AnsweredBySomebodyElse() => Update(static self =>
    {
        self._answered = false;
        foreach (var stream in self._open)
        {
            stream.HasAnswered = false;
        }
    });

    /// <summary>A call did not get through. Says something only where sockets can't be seen.</summary>
    public void Failed()
    {
        if (!seesSockets)
        {
            Update(static self => self._answered = false);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            Become(ConnectionState.Closed);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            ConnectionStateChangedEventArgs? change;
            lock (_lock)
            {
                if (!_changes.TryDequeue(out change))
                {
                    _telling = false;
                    return;
                }
            }

            try
            {
                Changed?.Invoke(this, change);
            }
#pragma warning disable CA1031 // A listener's fault is its own.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ClientLog.CallbackFailed(logger, exception, nameof(RemoteTransport.StateChanged));
            }
        }
    }

    private static TaskCompletionSource NewDrop() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Update(Action<ConnectionMonitor> change)
    {
        lock (_lock)
        {
            change(this);
            Refresh();
        }
    }

    private void Refresh()
    {
        if (_state == ConnectionState.Closed)
        {
            return;
        }

        var answered = seesSockets ? _open.Exists(static stream => stream.HasAnswered) : _answered;
        Become(answered ? ConnectionState.Connected
            : _open.Count > 0 || _connecting > 0 ? ConnectionState.Connecting
            : ConnectionState.Disconnected);
    }

    private void Become(ConnectionState state)
    {
        var previous = _state;
        if (previous == state)
        {
            return;
        }

        _state = state;
        ClientLog.StateChanged(logger, previous, state);
        _changes.Enqueue(new ConnectionStateChangedEventArgs(previous, state));
        if (!_telling)
        {
            _telling = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
