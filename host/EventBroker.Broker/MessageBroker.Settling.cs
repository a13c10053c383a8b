using EventBroker.Broker.Interception;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker;

// What subscribers make of their deliveries.
public sealed partial class MessageBroker
{
    /// <summary>Settles deliveries of any number of subscriptions. What became of each is written into the entries; no entry makes the
    /// call fail.</summary>
    /// <param name="caller">Who settles.</param>
    /// <param name="entries">The deliveries.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when the transports know.</returns>
    /// <exception cref="BrokerException">There is no authorizer, or the caller's credentials are wrong.</exception>
    public async ValueTask SettleAsync(Caller caller, Memory<SettleEntry> entries, CancellationToken cancellationToken)
    {
        await _access.ExamineAsync(caller, cancellationToken);
        var start = 0;
        while (start < entries.Length)
        {
            var length = RunLength(entries.Span[start..]);
            await SettleRunAsync(caller, entries.Slice(start, length), cancellationToken);
            start += length;
        }
    }

    private static int RunLength(ReadOnlySpan<SettleEntry> entries)
    {
        var length = 1;
        while (length < entries.Length && entries[length].AckId.Subscription == entries[0].AckId.Subscription
            && entries[length].AckId.Tag == entries[0].AckId.Tag && entries[length].AckId.Node == entries[0].AckId.Node)
        {
            length++;
        }

        return length;
    }

    // A run is all of one subscription.
    private async ValueTask SettleRunAsync(Caller caller, Memory<SettleEntry> run, CancellationToken cancellationToken)
    {
        CheckTimes(run.Span);
        var id = run.Span[0].AckId;
        if (!_subscriptions.TryFind(id, out var subscription))
        {
            Decide(run.Span, _subscriptions.WasOpen(id) ? SettleResult.Expired : SettleResult.Unknown);
            return;
        }

        try
        {
            await _access.AuthorizeAsync(
                caller, BrokerOperation.Settle, subscription.EventName, subscription.WorkerGroup, cancellationToken);
        }
        catch (BrokerException exception) when (exception.Code is BrokerErrorCode.PermissionDenied or BrokerErrorCode.Unauthenticated)
        {
            Decide(run.Span, SettleResult.NotYours);
            return;
        }

        if (_settleChain is null)
        {
            subscription.Settle(run.Span);
        }
        else
        {
            await InterceptRunAsync(_settleChain, caller, subscription, run, cancellationToken);
        }

        if (subscription.NeedsFlush)
        {
            await FlushAsync(subscription, run, cancellationToken);
        }
    }

    private async ValueTask FlushAsync(BrokerSubscription subscription, Memory<SettleEntry> run, CancellationToken cancellationToken)
    {
        try
        {
            await subscription.FlushAsync(cancellationToken);
        }
        catch (BrokerException exception)
        {
            BrokerLog.SettlementFailed(_logger, exception, subscription.EventName);
            foreach (ref var entry in run.Span)
            {
                entry.Result = entry.Result == SettleResult.Settled ? SettleResult.Failed : entry.Result;
            }
        }
    }

    private async ValueTask InterceptRunAsync(
        SettleChain chain, Caller caller, BrokerSubscription subscription, Memory<SettleEntry> run, CancellationToken cancellationToken)
    {
        for (var i = 0; i < run.Length; i++)
        {
            var entry = run.Span[i];
            if (entry.Result != SettleResult.Undecided || !subscription.TryGet(entry.AckId.Sequence, out var inFlight))
            {
                // Nothing that an interceptor could look at: the subscription tells why.
                subscription.Settle(run.Span.Slice(i, 1));
                continue;
            }

            try
            {
                await chain.RunAsync(new InterceptedSettlement
                {
                    Caller = caller,
                    EventName = subscription.EventName,
                    Message = inFlight.Delivery.Message,
                    RetryCount = inFlight.RetryCount,
                    Settlement = entry.Settlement,
                    Error = entry.Error ?? "",
                    CancellationToken = cancellationToken,
                    Subscription = subscription,
                    Entry = run.Slice(i, 1),
                });
            }
#pragma warning disable CA1031 // Whatever an interceptor throws concerns this one entry, not the others.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                BrokerLog.SettleInterceptorFailed(_logger, exception, subscription.EventName);
            }

            if (run.Span[i].Result == SettleResult.Undecided)
            {
                run.Span[i].Result = SettleResult.Failed;
            }
        }
    }

    private static void CheckTimes(Span<SettleEntry> entries)
    {
        foreach (ref var entry in entries)
        {
            var isExtension = entry.Settlement == Settlement.Extend;
            if (entry.Time > BrokerOptions.MaxAckTimeout || entry.Time < (isExtension ? TimeSpan.FromSeconds(1) : TimeSpan.Zero))
            {
                entry.Result = SettleResult.Invalid;
            }
        }
    }

    private static void Decide(Span<SettleEntry> entries, SettleResult result)
    {
        foreach (ref var entry in entries)
        {
            if (entry.Result == SettleResult.Undecided)
            {
                entry.Result = result;
            }
        }
    }
}
