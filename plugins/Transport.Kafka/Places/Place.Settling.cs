using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Places;

// What becomes of deliveries: noted at once, answered with the commit that holds it.
internal sealed partial class Place
{
    public async ValueTask SettleAsync(PlaceMember member, Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        if (settlements.IsEmpty)
        {
            return;
        }

        var waits = new Wait[settlements.Length];
        Action? wake;
        CommitBatch? first = null, second = null;
        lock (_gate)
        {
            for (var i = 0; i < waits.Length; i++)
            {
                waits[i] = Begin(member, settlements.Span[i]);

                // There are no more than two: the one under way, and the next.
                if (waits[i].Batch is { } batch && batch != first && batch != second)
                {
                    (first, second) = (batch, first);
                }
            }

            wake = _handOut.PlanWakeUps();
            PlanCommit(isUrgent: true);
        }

        wake?.Invoke();
        if (first is not null)
        {
            await WaitAsync(second is null ? first.Done : Task.WhenAll(first.Done, second.Done), waits, cancellationToken);
        }

        lock (_gate)
        {
            for (var i = 0; i < waits.Length; i++)
            {
                End(ref settlements.Span[i], waits[i]);
            }
        }
    }

    // Under the lock.
    private Wait Begin(PlaceMember member, in TransportSettlement settlement)
    {
        if (settlement.Delivery.Handle is not Lease { IsCurrent: true } lease || lease.Record.Share.IsOver)
        {
            return default;
        }

        var record = lease.Record;
        if (record.State == RecordState.Settling)
        {
            // Somebody else settles it: what that one is answered decides.
            return new Wait(record, record.Batch, IsOwn: false, IsRelease: false);
        }

        record.Share.IsDirty = true;
        if (settlement.Action == SettlementAction.Complete)
        {
            record.State = RecordState.Settling;
            record.Batch = _nextCommit;
            _nextCommit.Records.Add(record);
            _handOut.Passed(record);
            return new Wait(record, _nextCommit, IsOwn: true, IsRelease: false);
        }

        record.Avoided = settlement.Reason == SettlementReason.DeadlinePassed ? member : null;
        GiveBack(record, settlement.Attempts, settlement.Reason == SettlementReason.NeverSent);
        return new Wait(record, _nextCommit, IsOwn: true, IsRelease: true);
    }

    private async Task WaitAsync(Task done, Wait[] waits, CancellationToken cancellationToken)
    {
        try
        {
            await done.WaitAsync(_state.Settings.Timeout, _state.Time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (exception is TimeoutException)
            {
                _state.Reach.Failed("offsets are not committed");
            }

            // Not known: it is held as before, and settled again.
            lock (_gate)
            {
                foreach (var wait in waits)
                {
                    if (wait is { IsOwn: true, IsRelease: false, Record: { State: RecordState.Settling } record })
                    {
                        record.State = RecordState.Held;
                        record.Batch = null;
                        record.IsInDoubt |= record.IsSent;
                        record.IsSent = false;
                        record.Share.IsDirty = true;
                    }
                }
            }
        }
    }

    // Under the lock.
    private static void End(ref TransportSettlement settlement, in Wait wait)
    {
        settlement.Outcome = wait switch
        {
            { Record: null } => SettlementOutcome.LeaseLost,
            { IsRelease: true } => wait.Record.Share.IsOver && !wait.Record.Share.WasNoted ? SettlementOutcome.LeaseLost : SettlementOutcome.Done,
            { Record.WasCommitted: true } => wait.IsOwn ? SettlementOutcome.Done : SettlementOutcome.LeaseLost,
            { Record: { State: RecordState.Over, IsSent: false, IsInDoubt: false } } => SettlementOutcome.LeaseLost,
            _ => SettlementOutcome.Failed,
        };
        if (settlement.Outcome == SettlementOutcome.Failed)
        {
            settlement.Failure = new BrokerException(BrokerErrorCode.Unavailable, "Kafka has not answered whether it took the settlement");
        }
    }

    private readonly record struct Wait(HeldRecord? Record, CommitBatch? Batch, bool IsOwn, bool IsRelease);
}
