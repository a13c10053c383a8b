using EventBroker.Broker.Interception;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Subscribing;

// Deliver interceptors; nothing of this runs without any.
public sealed partial class BrokerSubscription
{
    // An interceptor that fails on a message fails again at once: without a pause that would be a busy loop with a line of log each.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private async ValueTask<int> InterceptAsync(Memory<OutboundDelivery> taken)
    {
        var kept = 0;
        for (var i = 0; i < taken.Length; i++)
        {
            if (await PassesAsync(taken, i))
            {
                taken.Span[kept++] = taken.Span[i];
            }
        }

        if (kept < taken.Length && NeedsFlush)
        {
            await FlushUntoldAsync();
        }

        return kept;
    }

    private async ValueTask<bool> PassesAsync(Memory<OutboundDelivery> taken, int index)
    {
        var delivery = taken.Span[index];
        var context = new InterceptedDelivery
        {
            Caller = _terms.Caller,
            EventName = EventName,
            WorkerGroup = WorkerGroup,
            Message = delivery.Message,
            RetryCount = delivery.RetryCount,
            CancellationToken = _interception!.Token,
        };
        var settlement = Settlement.Ack;
        try
        {
            await _interceptors!.RunAsync(context);
        }
#pragma warning disable CA1031 // Whatever an interceptor throws concerns this one message, not the subscription.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.DeliverInterceptorFailed(_logger, exception, EventName);
            settlement = Settlement.Nack;
        }

        if (context.HasPassed)
        {
            if (!context.Message.Bytes.Equals(delivery.Message.Bytes))
            {
                taken.Span[index] = delivery with { Message = context.Message, IsShared = false };
            }

            return true;
        }

        var pause = settlement == Settlement.Nack ? PauseAfterFailure : TimeSpan.Zero;
        Settle([new SettleEntry { AckId = new AckId(0, 0, 0, delivery.Sequence), Settlement = settlement, Time = pause }]);
        return false;
    }
}
