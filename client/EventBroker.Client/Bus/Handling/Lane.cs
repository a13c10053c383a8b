namespace EventBroker.Client.Bus;

/// <summary>Where one message at a time is handled. What is here is extended by the <see cref="LeaseKeeper"/>.</summary>
internal sealed class Lane
{
    private readonly Lock _lock = new();
    private Delivery? _delivery;
    private long _started;
    private long _renewed;

    public void Begin(Delivery delivery, long now)
    {
        lock (_lock)
        {
            _delivery = delivery;
            _started = now;
            _renewed = delivery.LeasedAt;
        }
    }

    /// <summary>The handling has ended, or its message shall not be extended any further.</summary>
    public void End()
    {
        lock (_lock)
        {
            _delivery = null;
        }
    }

    /// <summary>Takes the delivery if it is due for an extension, which counts as made from now on.</summary>
    public Delivery? TakeDue(TimeProvider time, TimeSpan interval, TimeSpan limit, out TimeSpan left)
    {
        lock (_lock)
        {
            left = default;
            if (_delivery is null || time.GetElapsedTime(_renewed) < interval)
            {
                return null;
            }

            left = limit - time.GetElapsedTime(_started);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            _renewed = time.GetTimestamp();
            return _delivery;
        }
    }

    /// <summary>The extension has failed: it is due again at once.</summary>
    public void Missed(Delivery delivery)
    {
        lock (_lock)
        {
            if (_delivery == delivery)
            {
                _renewed = delivery.ReceivedAt;
            }
        }
    }
}
