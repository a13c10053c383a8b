using EventBroker.Client.Connections;
using EventBroker.Client.Diagnostics;

namespace EventBroker.Client.Subscribing;

/// <summary>Extends the deliveries that a program holds, those that wait in its buffer among them, and notices those whose time is over. One
/// timer for all of them, so that the many that are settled quickly cost nothing.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Delivery> _held = [];
    private readonly Subscriber _subscriber;
    private readonly BrokerConnection _connection;
    private readonly TimeProvider _time;
    private readonly TimeSpan _ackTimeout;
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;
    private volatile bool _isOff;
    private bool _isUnsupported;

    public LeaseKeeper(Subscriber subscriber, BrokerConnection connection, TimeSpan ackTimeout, TimeSpan limit)
    {
        _subscriber = subscriber;
        _connection = connection;
        _time = connection.Time;
        _ackTimeout = ackTimeout;
        _limit = limit;

        // Due after a half, looked for every quarter: asked for after three quarters at the latest.
        _timer = Detached.Create(() => _time.CreateTimer(static self => ((LeaseKeeper)self!).CheckAll(), this, ackTimeout / 4, ackTimeout / 4));
    }

    /// <summary>From now on a delivery is extended.</summary>
    public void Hold(Delivery delivery)
    {
        lock (_lock)
        {
            _held.Add(delivery);
        }
    }

    /// <summary>A delivery is settled, or shall not be extended any further.</summary>
    public void Release(Delivery delivery)
    {
        lock (_lock)
        {
            _held.Remove(delivery);
        }
    }

    /// <summary>Extends a delivery if it is due, such as one that has waited and begins to be handled.</summary>
    public void Check(Delivery delivery)
    {
        if (_isOff)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var remaining = _time.GetElapsedTime(now, delivery.LeaseEnd);
        if (remaining <= TimeSpan.Zero && _subscriber.IsEventBroker)
        {
            Lose(delivery, "its time to be settled is over");
            return;
        }

        var left = _limit - _time.GetElapsedTime(delivery.HeldSince, now);
        if (!delivery.IsLeftToExpire && remaining <= _ackTimeout / 2 && left > remaining)
        {
            var time = left < _ackTimeout ? left : _ackTimeout;
            _ = ExtendAsync(delivery, time < Shortest ? Shortest : time);
        }
    }

    /// <summary>The stream has ended, and the broker has taken back what came over it.</summary>
    public void Cut()
    {
        // Where the subscription is being closed, its handlers have been told already.
        foreach (var delivery in _isOff ? [] : Held())
        {
            Lose(delivery, "its stream has ended");
        }
    }

    public void Dispose()
    {
        _isOff = true;
        _timer.Dispose();
    }

    private Delivery[] Held()
    {
        lock (_lock)
        {
            return [.. _held];
        }
    }

    private void CheckAll()
    {
        foreach (var delivery in Held())
        {
            Check(delivery);
        }
    }

    // Told once, and only of what somebody works on: the rest is dropped where it is taken.
    private void Lose(Delivery delivery, string why)
    {
        Release(delivery);
        if (delivery.Lose())
        {
            ClientLog.LeaseLost(_connection.Logger, delivery.Id, delivery.EventName, why);
        }
    }

    private async Task ExtendAsync(Delivery delivery, TimeSpan time)
    {
        // From now on it is not asked for again, and is not thought too old.
        var before = delivery.LeaseEnd;
        delivery.LeaseFor(_time.GetTimestamp(), time);
        try
        {
            var result = await delivery.ExtendAsync(time).ConfigureAwait(false);
            if (result is SettleResult.Expired or SettleResult.Unknown)
            {
                // Or it was settled meanwhile.
                if (!delivery.IsBeingSettled)
                {
                    Lose(delivery, $"its extension is {result}");
                }
            }
            else if (result is not SettleResult.Settled)
            {
                delivery.LeaseEnd = before;
                ClientLog.NotExtended(_connection.Logger, delivery.Id, delivery.EventName, result);
            }
        }
        catch (EventBrokerException exception) when (exception.Code == ErrorCode.Unimplemented)
        {
            if (!Interlocked.Exchange(ref _isUnsupported, true))
            {
                ClientLog.ExtensionUnsupported(_connection.Logger, delivery.EventName);
            }

            _isOff = true;
            delivery.LeaseEnd = before;
        }
        catch (EventBrokerException)
        {
            // Logged where it was sent; due again the next time.
            delivery.LeaseEnd = before;
        }
    }
}
