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
    private CancellationTokenSource? _lost;
    private HandlingEnd _end;
    private bool _isOver;
    private bool _isLost;

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

    /// <summary>Gets what tells the handler that the message is not its own any more, whatever else it was told before.</summary>
    public CancellationToken LeaseLost
    {
        get
        {
            lock (_lock)
            {
                if (_isOver || _isLost)
                {
                    return new CancellationToken(_isLost);
                }

                return (_lost ??= new CancellationTokenSource()).Token;
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
        CancellationTokenSource? source, lost = null;
        bool isFirst;
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            if (why == HandlingEnd.LeaseLost)
            {
                _isLost = true;
                lost = _lost;
            }

            isFirst = _end == HandlingEnd.None;
            _end = isFirst ? why : _end;
            source = _source;
        }

        _ = lost?.CancelAsync();
        if (!isFirst)
        {
            return false;
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
