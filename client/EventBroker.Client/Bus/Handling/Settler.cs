using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Settles the messages of a handler without waiting for the answers, and notes those that went wrong.</summary>
internal sealed class Settler(string eventName, HandlerOptions options, BusMetrics metrics, ILogger logger)
{
    // What a reason may hold at the most: it travels with the nack, and as metadata of a dead letter.
    private const int MaxReasonLength = 500;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(12);

    /// <summary>An exception in words: never empty, never long.</summary>
    public static string ReasonOf(Exception exception)
    {
        var reason = string.IsNullOrWhiteSpace(exception.Message) ? exception.GetType().Name : exception.Message;
        return Shorten(reason);
    }

    /// <summary>Cuts a reason that is too long.</summary>
    public static string Shorten(string reason)
    {
        if (reason.Length <= MaxReasonLength)
        {
            return reason;
        }

        // Not between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(reason[MaxReasonLength - 2]) ? MaxReasonLength - 2 : MaxReasonLength - 1;
        return string.Concat(reason.AsSpan(0, end), "…");
    }

    public void Ack(Delivery delivery)
    {
        if (delivery.NeedsSettling)
        {
            _ = WatchAsync(delivery, delivery.AckAsync());
        }
    }

    public void Nack(Delivery delivery, string reason, TimeSpan delay)
    {
        if (delivery.NeedsSettling)
        {
            _ = WatchAsync(delivery, delivery.NackAsync(reason, delay));
        }
    }

    public TimeSpan DelayOf(Delivery delivery)
    {
        try
        {
            var delay = options.NackDelay?.Invoke(delivery.RetryCount) ?? TimeSpan.Zero;
            return delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestDelay ? LongestDelay : delay;
        }
#pragma warning disable CA1031 // The program's function; a message must not stay unsettled for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BusLog.NackDelayFailed(logger, exception, eventName);
            return TimeSpan.Zero;
        }
    }

    private async Task WatchAsync(Delivery delivery, Task<SettleResult> settlement)
    {
        try
        {
            var result = await settlement.ConfigureAwait(false);
            if (result is not SettleResult.Settled)
            {
                metrics.Unsettled(eventName, result);
                BusLog.NotSettled(logger, delivery.Id, eventName, result);
            }
        }
        catch (EventBrokerException exception)
        {
            // The warning is where it was sent, once per call.
            metrics.Unsettled(eventName, SettleResult.Failed);
            BusLog.SettlementLost(logger, exception, delivery.Id, eventName);
        }
    }
}
