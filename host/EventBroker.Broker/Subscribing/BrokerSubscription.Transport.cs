using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Timing;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// Settlements on their way to the transport, and what it takes away.
public sealed partial class BrokerSubscription
{
    private DueQueue<TransportSettlement>? _retries;
    private TaskCompletionSource? _concluded;
    private int _settling;
    private int _inBackground;

    /// <inheritdoc/>
    void ISubscriber.LeasesLost(Predicate<Delivery> isLost)
    {
        var lost = 0;
        lock (_gate)
        {
            foreach (var index in _table.Indexes())
            {
                if (isLost(_table[index].Delivery))
                {
                    // One that is settling is not there any more when its answer comes, and so has expired.
                    _table.Remove(index);
                    lost++;
                }
            }

            lost += _retries?.RemoveAll(r => isLost(r.Delivery)) ?? 0;
            lost += _waiting?.RemoveAll(w => IsLost(w.Delivery)) ?? 0;
            Unblock();
            Rearm();
        }

        if (lost > 0)
        {
            _metrics.LeasesLost.Add(lost);
            BrokerLog.LeasesLost(_logger, lost, EventName, _setup.Route.Name);
        }

        bool IsLost(in Delivery delivery)
        {
            if (!isLost(delivery))
            {
                return false;
            }

            _waitingBytes -= delivery.Message.Length;
            return true;
        }
    }

    // Not under the lock: a transport may take its own, and call back.
    private ValueTask SendAsync(SettlementBatch batch, Memory<SettleEntry> entries)
    {
        ValueTask answer;
        try
        {
            answer = Source.SettleAsync(batch.Settlements, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever a transport throws, its deliveries are as unsettled as after a refusal, and are tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Conclude(ref batch, entries.Span, exception);
            return default;
        }

        if (!answer.IsCompletedSuccessfully)
        {
            return AwaitAnswerAsync(answer, batch, entries);
        }

        Conclude(ref batch, entries.Span, null);
        return default;
    }

    private async ValueTask AwaitAnswerAsync(ValueTask answer, SettlementBatch batch, Memory<SettleEntry> entries)
    {
        Exception? failure = null;
        try
        {
            await answer;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        Conclude(ref batch, entries.Span, failure);
    }

    // For settlements that no client waits to be told of.
    private void SettleInBackground(SettlementBatch batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            _inBackground += batch.Count;
        }

        // Never fails: what the transport does not take stands among the retries then.
        _ = SendAsync(batch, default).AsTask();
    }

    private void Conclude(ref SettlementBatch batch, Span<SettleEntry> entries, Exception? exception)
    {
        var failed = 0;
        var lost = 0;
        TaskCompletionSource? concluded;
        BrokerException? why = null;
        lock (_gate)
        {
            var settlements = batch.Settlements.Span;
            for (var i = 0; i < settlements.Length; i++)
            {
                ref var settlement = ref settlements[i];
                var (sequence, place) = batch.Origins[i];
                var outcome = settlement.Outcome == SettlementOutcome.Pending ? SettlementOutcome.Failed : settlement.Outcome;
                failed += outcome == SettlementOutcome.Failed ? 1 : 0;
                lost += outcome == SettlementOutcome.LeaseLost ? 1 : 0;
                why ??= settlement.Failure;
                if (sequence == 0)
                {
                    _inBackground--;
                    Retry(settlement, outcome);
                    continue;
                }

                _settling--;
                var result = Conclude(sequence, outcome);
                if (place >= 0)
                {
                    entries[place].Result = result;
                    if (result == SettleResult.Settled)
                    {
                        _settled.Note(sequence, entries[place].Settlement);
                    }
                }
            }

            concluded = _concluded;
            _concluded = null;
            Unblock();
            Rearm();
        }

        var succeeded = batch.Count - failed;
        batch.Dispose();
        concluded?.SetResult();
        Report(succeeded, failed, lost, exception ?? why);
    }

    // Under the lock.
    private SettleResult Conclude(long sequence, SettlementOutcome outcome)
    {
        if (!_table.TryFind(sequence, out var index))
        {
            return SettleResult.Expired;
        }

        if (outcome == SettlementOutcome.Failed && !_isDisposed)
        {
            // As in flight as before: the subscriber may try again, and its deadline brings the message back if it does not.
            _table.EndSettling(index, Math.Max(_table[index].Due, _timer.After(RetryAfterFailure)));
            return SettleResult.Failed;
        }

        _table.Remove(index);
        return outcome switch
        {
            SettlementOutcome.Done => SettleResult.Settled,
            SettlementOutcome.LeaseLost => SettleResult.Expired,
            _ => SettleResult.Failed,
        };
    }

    // Under the lock. Once disposed, the backend has its own means.
    private void Retry(in TransportSettlement settlement, SettlementOutcome outcome)
    {
        if (outcome == SettlementOutcome.Failed && !_isDisposed)
        {
            (_retries ??= new DueQueue<TransportSettlement>()).Add(
                settlement with { Outcome = SettlementOutcome.Pending, Failure = null }, _timer.After(RetryAfterFailure));
        }
    }

    private void Report(int succeeded, int failed, int lost, Exception? exception)
    {
        if (lost > 0)
        {
            _metrics.LeasesLost.Add(lost);
        }

        if (failed > 0)
        {
            _metrics.SettlementsFailed.Add(failed);
            _setup.Route.Trouble.Failed(exception, exception?.Message ?? "it gives no reason", failed);
        }
        else if (succeeded > 0)
        {
            _setup.Route.Trouble.Worked();
        }
    }

    private async ValueTask ThenBusyAsync(ValueTask sent, Memory<SettleEntry> entries)
    {
        await sent;
        await SettleBusyAsync(entries);
    }

    // Somebody else's settlement of the same delivery is on its way: what becomes of that decides what can be said here.
    private async ValueTask SettleBusyAsync(Memory<SettleEntry> entries)
    {
        Task concluded;
        lock (_gate)
        {
            concluded = WhenConcluded();
        }

        await concluded;
        await SettleAsync(entries);
    }

    // Under the lock. Ends with the next answer of the transport.
    private Task WhenConcluded() => _settling + _inBackground == 0
        ? Task.CompletedTask
        : (_concluded ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
