using EventBroker.Broker.Delivering;
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
    /// <param name="cancellationToken">The call's end; what the transports were told by then goes on.</param>
    /// <returns>A task that ends when the transports have answered.</returns>
    /// <exception cref="BrokerException">There is no authorizer, or the caller's credentials are wrong.</exception>
    public ValueTask SettleAsync(Caller caller, Memory<SettleEntry> entries, CancellationToken cancellationToken)
    {
        var authenticated = _access.AuthenticateAsync(caller, cancellationToken);
        if (entries.IsEmpty)
        {
            return authenticated;
        }

        return authenticated.IsCompletedSuccessfully && AreOfOneSubscription(entries.Span)
            ? SettleRunAsync(caller, entries, cancellationToken)
            : SettleAllAsync(authenticated, caller, entries, cancellationToken);
    }

    private static bool AreOfOneSubscription(ReadOnlySpan<SettleEntry> entries)
    {
        foreach (ref readonly var entry in entries[1..])
        {
            if (!entry.AckId.IsOfSameSubscription(entries[0].AckId))
            {
                return false;
            }
        }

        return true;
    }

    // Sorted by subscription, each in the order of its entries; all are handed to their transports before any answer is waited for.
    private async ValueTask SettleAllAsync(
        ValueTask authenticated, Caller caller, Memory<SettleEntry> entries, CancellationToken cancellationToken)
    {
        await authenticated;
        var places = Enumerable.Range(0, entries.Length).ToArray();
        var runs = places.GroupBy(i => entries.Span[i].AckId.WithoutSequence()).Select(static run => run.ToArray()).ToList();
        var settled = new SettleEntry[runs.Count][];
        var tasks = new Task[runs.Count];
        for (var i = 0; i < tasks.Length; i++)
        {
            settled[i] = Array.ConvertAll(runs[i], place => entries.Span[place]);
            tasks[i] = SettleRunAsync(caller, settled[i], cancellationToken).AsTask();
        }

        await Task.WhenAll(tasks);
        for (var i = 0; i < tasks.Length; i++)
        {
            for (var k = 0; k < runs[i].Length; k++)
            {
                entries.Span[runs[i][k]] = settled[i][k];
            }
        }
    }

    // A run is all of one subscription.
    private ValueTask SettleRunAsync(Caller caller, Memory<SettleEntry> run, CancellationToken cancellationToken)
    {
        CheckTimes(run.Span);
        var id = run.Span[0].AckId;
        if (!_subscriptions.TryFind(id, out var subscription))
        {
            Decide(run.Span, _subscriptions.WasOpen(id) ? SettleResult.Expired : SettleResult.Unknown);
            return default;
        }

        var denial = _access.FindDenialAsync(
            caller, BrokerOperation.Settle, subscription.EventName, subscription.WorkerGroup, cancellationToken);
        if (!denial.IsCompletedSuccessfully || _settleChain is not null)
        {
            return SettleRunAsync(denial, caller, subscription, run, cancellationToken);
        }

        if (denial.Result is { } denied)
        {
            Refuse(run.Span, denied);
            return default;
        }

        return subscription.SettleAsync(run);
    }

    private async ValueTask SettleRunAsync(
        ValueTask<BrokerException?> denial,
        Caller caller,
        BrokerSubscription subscription,
        Memory<SettleEntry> run,
        CancellationToken cancellationToken)
    {
        if (await denial is { } denied)
        {
            Refuse(run.Span, denied);
            return;
        }

        if (_settleChain is null)
        {
            await subscription.SettleAsync(run);
            return;
        }

        var tasks = new Task[run.Length];
        for (var i = 0; i < tasks.Length; i++)
        {
            tasks[i] = InterceptAsync(_settleChain, caller, subscription, run.Slice(i, 1), cancellationToken);
        }

        await Task.WhenAll(tasks);
    }

    private async Task InterceptAsync(
        SettleNext chain, Caller caller, BrokerSubscription subscription, Memory<SettleEntry> one, CancellationToken cancellationToken)
    {
        var entry = one.Span[0];
        if (entry.Result != SettleResult.Undecided || !subscription.TryGet(entry.AckId.Sequence, out var inFlight))
        {
            // Nothing that an interceptor could look at: the subscription tells why.
            await subscription.SettleAsync(one);
            return;
        }

        try
        {
            await chain(new InterceptedSettlement
            {
                Caller = caller,
                EventName = subscription.EventName,
                Message = inFlight.Delivery.Message,
                RetryCount = inFlight.State == DeliveryState.Taken ? inFlight.Attempts : inFlight.Attempts - 1,
                Settlement = entry.Settlement,
                Error = entry.Error ?? "",
                CancellationToken = cancellationToken,
                Subscription = subscription,
                Entry = one,
            });
        }
#pragma warning disable CA1031 // Whatever an interceptor throws concerns this one entry, not the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.SettleInterceptorFailed(_logger, exception, subscription.EventName);
        }

        if (one.Span[0].Result == SettleResult.Undecided)
        {
            one.Span[0].Result = SettleResult.Failed;
        }
    }

    // What is no denial, such as a key server that is away, fails the call.
    private static void Refuse(Span<SettleEntry> entries, BrokerException denied) => Decide(
        entries, denied.Code is BrokerErrorCode.PermissionDenied or BrokerErrorCode.Unauthenticated ? SettleResult.NotYours : throw denied);

    private static void CheckTimes(Span<SettleEntry> entries)
    {
        foreach (ref var entry in entries)
        {
            var least = entry.Settlement == Settlement.Extend ? TimeSpan.FromSeconds(1) : TimeSpan.Zero;
            if (entry.Time > BrokerOptions.MaxAckTimeout || entry.Time < least)
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
