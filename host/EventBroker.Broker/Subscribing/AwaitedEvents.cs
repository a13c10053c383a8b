using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Timing;

namespace EventBroker.Broker.Subscribing;

/// <summary>Those that wait for an event to be registered. What this broker registers it knows; what others register over the same backend it
/// finds by letting one of those that wait try once a second, for each event.</summary>
internal sealed class AwaitedEvents : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedList<EventWait>> _waiting = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly DueTimer _timer;
    private volatile bool _isEmpty = true;

    public AwaitedEvents(TimeProvider time)
    {
        _time = time;
        _timer = new DueTimer(time, OnTimer);
    }

    /// <summary>Begins to wait; whatever is registered from now on ends the wait.</summary>
    public EventWait Enter(string eventName, Caller caller)
    {
        var wait = new EventWait(this, eventName, caller);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(eventName, out var line))
            {
                _waiting.Add(eventName, line = new LinkedList<EventWait>());
            }

            line.AddLast(wait.Node);
            _isEmpty = false;
            _timer.Arm(_timer.After(Look));
        }

        return wait;
    }

    public void Leave(EventWait wait)
    {
        lock (_gate)
        {
            if (wait.Node.List is not { } line)
            {
                return;
            }

            line.Remove(wait.Node);
            if (line.Count == 0)
            {
                _waiting.Remove(wait.EventName);
                _isEmpty = _waiting.Count == 0;
            }
        }
    }

    /// <summary>The event is there: all that wait for it go on.</summary>
    public void Appeared(string eventName)
    {
        if (_isEmpty)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var wait in _waiting.GetValueOrDefault(eventName) ?? [])
            {
                wait.Release();
            }
        }
    }

    /// <summary>Lets all of them look, since the broker ends.</summary>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            foreach (var wait in _waiting.Values.SelectMany(static line => line))
            {
                wait.Release();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer.Dispose();
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            foreach (var line in _waiting.Values)
            {
                // Each in turn, since one may be refused where another is not.
                var scout = line.First!;
                line.RemoveFirst();
                line.AddLast(scout);
                scout.Value.Release();
                foreach (var wait in line)
                {
                    if (wait.Caller.ExpiresAt <= now)
                    {
                        wait.Release();
                    }
                }
            }

            if (_waiting.Count > 0)
            {
                _timer.Arm(_timer.After(Look));
            }
        }
    }
}
