using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Places;

internal sealed partial class Place
{
    /// <summary>Notes what becomes of deliveries.</summary>
    public ValueTask SettleAsync(PlaceMember member, Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        if (_journal is not null)
        {
            return SettleInJournalAsync(member, settlements, cancellationToken);
        }

        var refused = 0;
        lock (_lock)
        {
            foreach (ref var settlement in settlements.Span)
            {
                if (TryTakeHeld(member, ref settlement, out var held))
                {
                    Finish(member, held, settlement);
                    settlement.Outcome = SettlementOutcome.Done;
                }

                refused += settlement.Outcome == SettlementOutcome.Failed ? 1 : 0;
            }

            ArmTimer();
        }

        CountRefused(refused);
        WakeForWork();
        return ValueTask.CompletedTask;
    }

    // What is on its way to the journal belongs to nobody: neither the member nor the queue of what comes again has it.
    private async ValueTask SettleInJournalAsync(PlaceMember member, Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        Settling settling;
        lock (_lock)
        {
            settling = Begin(member, settlements.Span);
            if (settling.Entries.Count > 0)
            {
                _settlingCount += settling.Entries.Count;
                settling.Answer = _journal!.SettleAsync([.. settling.Entries.Select(static e => e.Settlement)], _lease);
            }
        }

        CountRefused(settling.Refused);
        if (settling.Entries.Count == 0)
        {
            return;
        }

        // Whoever waits may give up; what the journal does is done all the same.
        var finished = FinishAsync(member, settling);
        try
        {
            await finished.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!finished.IsCompleted)
        {
            foreach (var entry in settling.Entries)
            {
                settlements.Span[entry.Index].Outcome = SettlementOutcome.Failed;
            }

            throw;
        }

        foreach (var entry in settling.Entries)
        {
            ref var settlement = ref settlements.Span[entry.Index];
            settlement.Outcome = settling.Failure is not null ? SettlementOutcome.Failed
                : settling.Done![entry.Place] ? SettlementOutcome.Done
                : SettlementOutcome.LeaseLost;
            settlement.Failure = settling.Failure;
        }
    }

    private Settling Begin(PlaceMember member, Span<TransportSettlement> settlements)
    {
        var settling = new Settling { Lease = _lease };
        for (var i = 0; i < settlements.Length; i++)
        {
            ref var settlement = ref settlements[i];
            if (TryTakeHeld(member, ref settlement, out var held))
            {
                settling.Entries.Add(new SettlingEntry(i, settling.Entries.Count, held, settlement));
            }

            settling.Refused += settlement.Outcome == SettlementOutcome.Failed ? 1 : 0;
        }

        return settling;
    }

    private async Task FinishAsync(PlaceMember member, Settling settling)
    {
        try
        {
            settling.Done = await settling.Answer!;
        }
        catch (BrokerException failure)
        {
            settling.Failure = failure;
        }

        lock (_lock)
        {
            _settlingCount -= settling.Entries.Count;
            if (ReferenceEquals(settling.Lease, _lease))
            {
                foreach (var entry in settling.Entries)
                {
                    if (settling.Failure is null && settling.Done![entry.Place])
                    {
                        Finish(member, entry.Held, entry.Settlement);
                    }
                    else if (settling.Failure is not null)
                    {
                        PutBack(member, entry);
                    }
                }
            }

            ArmTimer();
        }

        WakeForWork();
    }

    private void PutBack(PlaceMember member, in SettlingEntry entry)
    {
        var sequence = entry.Settlement.Delivery.Position.Low;
        if (member.HasLeft)
        {
            _redeliveries.AddDue(Keep(new Returned { Sequence = sequence, RetryCount = entry.Held.RetryCount + 1, Missed = entry.Held.Missed }, entry.Held));
        }
        else
        {
            member.Held[sequence] = entry.Held;
        }
    }

    private bool TryTakeHeld(PlaceMember member, ref TransportSettlement settlement, out Held held)
    {
        settlement.Failure = null;
        var sequence = settlement.Delivery.Position.Low;

        // The count tells a delivery from an earlier one of the same message to the same member.
        if (!ReferenceEquals(settlement.Delivery.Handle, _lease)
            || !member.Held.TryGetValue(sequence, out held)
            || held.RetryCount != settlement.Delivery.RetryCount)
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
            held = default;
            return false;
        }

        if (settlement is { Action: SettlementAction.Release, Reason: SettlementReason.Nacked }
            && settlement.Delay > TimeSpan.Zero && _budget.IsExceeded)
        {
            settlement.Outcome = SettlementOutcome.Failed;
            settlement.Failure = new BrokerException(
                BrokerErrorCode.ResourceExhausted,
                $"no more messages can wait for their redelivery: maxWaitingBytes of the {_state.Plugin} transport is reached");
            return false;
        }

        member.Held.Remove(sequence);
        return true;
    }

    private void Finish(PlaceMember member, Held held, in TransportSettlement settlement)
    {
        if (settlement.Action != SettlementAction.Release)
        {
            return;
        }

        var returned = new Returned
        {
            Sequence = settlement.Delivery.Position.Low,
            RetryCount = settlement.Attempts,

            // What was never sent has told nobody what was missed before it.
            Missed = settlement.Reason == SettlementReason.NeverSent ? held.Missed : 0,
            ExpiredWith = settlement.Reason == SettlementReason.DeadlinePassed ? member.Number : 0,
        };
        if (settlement.Delay <= TimeSpan.Zero)
        {
            if (settlement.Reason == SettlementReason.NeverSent)
            {
                _redeliveries.AddFirst(Keep(returned, held));
            }
            else
            {
                _redeliveries.AddDue(Keep(returned, held));
            }

            return;
        }

        if (_journal is null)
        {
            returned = returned with { Message = Returned.Own(held.Message) };
        }

        _redeliveries.Add(returned, _timer.After(settlement.Delay));
    }

    private void CountRefused(int refused)
    {
        if (refused > 0)
        {
            _state.Metrics.AddRefusedRedeliveries(refused);
        }
    }

    /// <summary>Settlements on their way to the journal.</summary>
    private sealed class Settling
    {
        public required Lease Lease { get; init; }

        public List<SettlingEntry> Entries { get; } = [];

        public int Refused { get; set; }

        public Task<bool[]>? Answer { get; set; }

        public bool[]? Done { get; set; }

        public BrokerException? Failure { get; set; }
    }

    /// <summary>One of them: its place in the caller's call and in the journal's, and what was held.</summary>
    private readonly record struct SettlingEntry(int Index, int Place, Held Held, TransportSettlement Settlement);
}
