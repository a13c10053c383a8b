using EventBroker.Broker.Interception;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// Deliver interceptors; nothing of this runs without any.
public sealed partial class BrokerSubscription
{
    // An interceptor that fails on a message fails again at once: without a pause that would be a busy loop with a line of log each.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private async ValueTask<int> InterceptAsync(Memory<OutboundDelivery> taken, bool isFirstUnsent)
    {
        var kept = 0;
        for (var i = 0; i < taken.Length; i++)
        {
            if (await PassesAsync(taken, i))
            {
                // What was not told with a message that is withheld is told with the next.
                var next = taken.Span[i];
                taken.Span[kept++] = next with { Missed = _admission.Told(next.Missed) };
            }
        }

        if (kept == 0 && isFirstUnsent)
        {
            // Nothing lies in front of the connection, so it is not to blame for taking nothing.
            Volatile.Write(ref _unsentSince, 0);
        }

        return kept;
    }

    private async ValueTask<bool> PassesAsync(Memory<OutboundDelivery> taken, int index)
    {
        var delivery = taken.Span[index];
        var context = new InterceptedDelivery
        {
            Caller = _setup.Caller,
            EventName = EventName,
            WorkerGroup = WorkerGroup,
            Message = delivery.Message,
            RetryCount = delivery.RetryCount,
            CancellationToken = _interception!.Token,
        };
        var failed = false;
        try
        {
            await _interceptors!(context);
        }
#pragma warning disable CA1031 // Whatever an interceptor throws concerns this one message, not the subscription.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.DeliverInterceptorFailed(_logger, exception, EventName);
            failed = true;
        }

        if (context.HasPassed)
        {
            if (!context.Message.Bytes.Equals(delivery.Message.Bytes))
            {
                if (context.Message.Length > _setup.LargestMessage)
                {
                    _admission.Refuse(delivery.Position, context.Message.Length, delivery.Missed);
                    Withhold(delivery.Sequence, comesAgain: false);
                    return false;
                }

                taken.Span[index] = delivery with { Message = context.Message, IsShared = false };
            }

            return true;
        }

        _admission.CarryOn(delivery.Missed);
        Withhold(delivery.Sequence, failed);
        return false;
    }

    // Never handed over, so it does not count as an attempt.
    private void Withhold(long sequence, bool comesAgain)
    {
        SettlementBatch batch = default;
        lock (_gate)
        {
            if (!_table.TryFind(sequence, out var index))
            {
                // Auto-acked, or lost meanwhile.
                return;
            }

            var entry = _table[index];
            _table.Remove(index);
            if (comesAgain)
            {
                GiveBack(entry, SettlementReason.NeverSent, PauseAfterFailure, ref batch);
            }
            else
            {
                CompleteLeftOut(entry.Delivery, entry.Attempts, ref batch);
            }

            Unblock();
            Rearm();
        }

        SettleInBackground(batch);
    }
}
