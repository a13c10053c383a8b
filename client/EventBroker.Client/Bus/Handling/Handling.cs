namespace EventBroker.Client.Bus;

/// <summary>The handling of one message, as long as it lasts: what may end it early, and why it did.</summary>
internal sealed class Handling : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Delivery _delivery;
    private readonly CancellationToken _stopping;
    private readonly ITimer? _timer;
    private CancellationTokenRegistration _registration;
    private CancellationTokenSource? _source;
    private HandlingEnd _end;
    private bool _isOver;

    private Handling(Delivery delivery, TimeSpan? limit, TimeProvider time, CancellationToken stopping)
    {
        _delivery = delivery;
        _stopping = stopping;
        if (limit is { } value)
        {
            _timer = time.CreateTimer(
                static self => ((Handling)self!).End(HandlingEnd.TimedOut), this, value, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gets why the handler was told to stop.</summary>
    public HandlingEnd WhyEnded
    {
        get
        {
            lock (_lock)
            {
                return _end == HandlingEnd.None && _stopping.IsCancellationRequested ? HandlingEnd.Stopping : _end;
            }
        }
    }

    /// <summary>Gets what tells the handler to stop. Made when it is asked for: most handlers do not.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock)
            {
                if (_source is null)
                {
                    if (_isOver)
                    {
                        return _end == HandlingEnd.None ? _stopping : new CancellationToken(canceled: true);
                    }

                    _source = new CancellationTokenSource();
                    if (_end != HandlingEnd.None)
                    {
                        _source.Cancel();
                    }

                    _registration = _stopping.UnsafeRegister(static self => ((Handling)self!).End(HandlingEnd.Stopping), this);
                }

                return _source.Token;
            }
        }
    }

    /// <summary>Begins the handling of a delivery.</summary>
    public static Handling Begin(Delivery delivery, TimeSpan? limit, TimeProvider time, CancellationToken stopping)
    {
        var handling = new Handling(delivery, limit, time, stopping);
        delivery.BeginHandling(handling, time.GetTimestamp());
        return handling;
    }

    /// <summary>Tells the handler to stop; the first reason counts.</summary>
    /// <returns>Whether it was still at work, and not told before.</returns>
    public bool End(HandlingEnd why)
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            if (_isOver || _end != HandlingEnd.None)
            {
                return false;
            }

            _end = why;
            source = _source;
        }

        if (why == HandlingEnd.TimedOut)
        {
            // Before the handler hears of it, which may go on to other messages right then. One that does not heed its token must not keep
            // the message for ever.
            _delivery.StopExtending();
        }

        // Not here: what the handler does next must not hold up whoever found out.
        _ = source?.CancelAsync();
        return true;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        _timer?.Dispose();
        _registration.Dispose();
        if (_end == HandlingEnd.None)
        {
            // Otherwise what the handler has left behind may still be hearing of it.
            _source?.Dispose();
        }
    }
}
