using EventBroker.Sdk.Timing;

namespace EventBroker.Endpoints.Streaming;

// Many that wait equally long: one timer for all of them, and a line in the order of their times, since whoever comes later is due later.
internal sealed class DueLine<T> : IDisposable
    where T : class
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(T Item, long Due)> _line = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _wait;
    private readonly Action<T, TimeSpan> _onDue;
    private readonly DueTimer _timer;

    // What is called gets to know how late it is.
    public DueLine(TimeSpan wait, TimeProvider time, Action<T, TimeSpan> onDue)
    {
        _wait = wait;
        _time = time;
        _onDue = onDue;
        _timer = new DueTimer(time, OnTimer);
    }

    // Returns what Remove takes.
    public LinkedListNode<(T Item, long Due)> Add(T item)
    {
        lock (_gate)
        {
            var node = _line.AddLast((item, _timer.After(_wait)));
            _timer.Arm(_line.First!.Value.Due);
            return node;
        }
    }

    // Nothing happens to one that has come due already.
    public void Remove(LinkedListNode<(T Item, long Due)> node)
    {
        lock (_gate)
        {
            if (node.List is not null)
            {
                _line.Remove(node);
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
        while (TryTakeDue(out var item, out var late))
        {
            _onDue(item, late);
        }
    }

    private bool TryTakeDue(out T item, out TimeSpan late)
    {
        lock (_gate)
        {
            if (_line.First is { } first)
            {
                if (first.Value.Due <= _time.GetTimestamp())
                {
                    _line.RemoveFirst();
                    (item, late) = (first.Value.Item, _time.GetElapsedTime(first.Value.Due));
                    return true;
                }

                _timer.Arm(first.Value.Due);
            }
        }

        (item, late) = (null!, default);
        return false;
    }
}
