using EventBroker.Sdk.Errors;

namespace EventBroker.Broker.Subscribing;

// What comes with time: ack deadlines, redeliveries that wait, the end of the caller's identity.
public sealed partial class BrokerSubscription
{
    // Timers take no more than 49 days.
    private static readonly TimeSpan LongestWatch = TimeSpan.FromDays(30);

    private ITimer? _timer;
    private long _timerDue = long.MaxValue;
    private long _identityEnd = long.MaxValue;

    private long After(TimeSpan delay) =>
        _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    // Under the lock. One timer for all deliveries: it is set for the earliest deadline and looks for the next when it fires.
    private void ArmTimer(long due)
    {
        if (due >= _timerDue || _isDisposed)
        {
            return;
        }

        _timerDue = due;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        if (wait < TimeSpan.Zero)
        {
            wait = TimeSpan.Zero;
        }

        // A millisecond more than needed: a timer that fires early would only be set again.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        if (_timer is null)
        {
            _timer = _time.CreateTimer(static state => ((BrokerSubscription)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        var releases = false;
        lock (_gate)
        {
            _timerDue = long.MaxValue;
            if (_isDisposed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_window.TryRemoveExpired(now, out var entry))
            {
                BrokerLog.AckDeadlinePassed(_logger, EventName, entry.RetryCount + 1);
                GiveBack(entry, TimeSpan.Zero);
                releases = NeedsFlush;
            }

            while (_terms.ReleasesToTransport && _redeliveries is not null && _redeliveries.TryTakeDue(now, out var delayed))
            {
                ReleaseToSource(delayed.Delivery, TimeSpan.Zero);
                releases = true;
            }

            Unblock();
            var redelivery = _redeliveries?.EarliestDue() ?? long.MaxValue;
            if (redelivery <= now)
            {
                _signal.Set();
            }

            if (_identityEnd <= now)
            {
                _identityEnd = long.MaxValue;
                WatchIdentity(_terms.Caller.ExpiresAt);
            }

            var next = Math.Min(_identityEnd, _window.EarliestDeadline());
            ArmTimer(Math.Min(next, redelivery <= now ? long.MaxValue : redelivery));
        }

        if (releases)
        {
            _ = FlushUntoldAsync();
        }
    }

    // Under the lock. Ends the subscription with its caller's identity, or says when to look again.
    private void WatchIdentity(DateTimeOffset? expiry)
    {
        if (expiry is not { } end)
        {
            return;
        }

        var left = end - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            _identityEnd = After(left < LongestWatch ? left : LongestWatch);
            return;
        }

        End(new BrokerException(BrokerErrorCode.Unauthenticated, "the caller's identity has expired: authenticate again"));
    }
}
