using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// The end: what is unsettled goes back, within a time.
public sealed partial class BrokerSubscription
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Before the lock: whoever finds the subscription disposed finds out why.
        Interlocked.CompareExchange(ref _end, BrokerErrors.SubscriptionEnded("the stream has ended"), null);
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _timer.Dispose();
            if (_isReading)
            {
                _readEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        _signal.Set();
        try
        {
            await CancelInterceptorsAsync();
            await CloseSourceAsync();
        }
        finally
        {
            // Last, since whoever drains waits for this: only now has the transport what was given back.
            _registry.Remove(this);
        }
    }

    // What is settling is answered by itself.
    private SettlementBatch CollectLeft()
    {
        SettlementBatch left = default;
        lock (_gate)
        {
            _isReading = false;
            CollectLeft(ref left);
        }

        return left;
    }

    // Under the lock.
    private void CollectLeft(ref SettlementBatch left)
    {
        // In the order of their taking, so that what was never sent comes in its order again.
        var indexes = _table.Indexes().Where(i => _table[i].State != DeliveryState.Settling).OrderBy(i => _table[i].Sequence).ToList();
        foreach (var index in indexes)
        {
            var entry = _table[index];
            _table.Remove(index);
            if (entry.State == DeliveryState.Sent)
            {
                Leave(entry.Delivery, SettlementReason.Disconnected, entry.Attempts, TimeSpan.Zero, ref left);
            }
            else if (entry.Sequence <= _sendingUpTo)
            {
                Leave(entry.Delivery, SettlementReason.Disconnected, entry.Attempts + 1, TimeSpan.Zero, ref left);
            }
            else
            {
                Leave(entry.Delivery, SettlementReason.NeverSent, entry.Attempts, TimeSpan.Zero, ref left);
            }
        }

        var now = _time.GetTimestamp();
        while (_waiting is not null && _waiting.TryTakeAny(out var next, out var due))
        {
            var rest = due > now && Policy.DelaysOutliveSubscription ? _time.GetElapsedTime(now, due) : TimeSpan.Zero;
            Leave(next.Delivery, next.Reason, next.Attempts, rest, ref left);
        }

        while (_retries is not null && _retries.TryTakeAny(out var retry, out _))
        {
            left.Add(retry);
        }

        _inBackground += left.Count;
    }

    private void Leave(in Delivery delivery, SettlementReason reason, int attempts, TimeSpan delay, ref SettlementBatch left)
    {
        if (Policy.ReleasesOnClose)
        {
            left.Add(Make(delivery, SettlementAction.Release, reason, attempts, delay));
        }
    }

    private async ValueTask CancelInterceptorsAsync()
    {
        if (_interception is null)
        {
            return;
        }

        try
        {
            await WithinAsync(new ValueTask(_interception.CancelAsync()));
        }
#pragma warning disable CA1031 // What an interceptor throws when it is told to stop, or does not stop, must not keep the transport's subscription open.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.DeliverInterceptorFailed(_logger, exception, EventName);
        }
    }

    private async ValueTask CloseSourceAsync()
    {
        if (_source is null)
        {
            return;
        }

        try
        {
            // What is being read goes back with the rest: in the same order, and uncounted.
            await WithinAsync(new ValueTask(_readEnded?.Task ?? Task.CompletedTask));
        }
        catch (TimeoutException exception)
        {
            BrokerLog.CloseFailed(_logger, exception, EventName);
        }

        var left = CollectLeft();
        try
        {
            if (left.Count > 0)
            {
                await WithinAsync(SendAsync(left, default));
            }

            await WithinAsync(new ValueTask(WhenSettledAsync()));
        }
        catch (TimeoutException exception)
        {
            BrokerLog.CloseFailed(_logger, exception, EventName);
        }

        try
        {
            await WithinAsync(_source.DisposeAsync());
        }
#pragma warning disable CA1031 // Nobody could do anything about it; the backend has its own means.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.CloseFailed(_logger, exception, EventName);
        }
    }

    private ValueTask WithinAsync(ValueTask task) => task.IsCompletedSuccessfully
        ? default
        : new ValueTask(task.AsTask().WaitAsync(_setup.Limits.CloseTimeout, _time));

    /// <summary>Ends when the transport has answered everything. Acks that a client sent right before it went must not be overtaken by the
    /// giving back.</summary>
    internal async Task WhenSettledAsync()
    {
        while (true)
        {
            Task concluded;
            lock (_gate)
            {
                concluded = WhenConcluded();
            }

            if (concluded.IsCompletedSuccessfully)
            {
                return;
            }

            await concluded;
        }
    }
}
