using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Places;

internal sealed partial class Place
{
    /// <summary>Notes what becomes of deliveries.</summary>
    public void Settle(PlaceMember member, Span<TransportSettlement> settlements)
    {
        var refused = 0;
        lock (_lock)
        {
            foreach (ref var settlement in settlements)
            {
                Settle(member, ref settlement);
                refused += settlement.Outcome == SettlementOutcome.Failed ? 1 : 0;
            }

            ArmTimer();
        }

        if (refused > 0)
        {
            _metrics.AddRefusedRedeliveries(refused);
        }

        WakeForWork();
    }

    private void Settle(PlaceMember member, ref TransportSettlement settlement)
    {
        settlement.Failure = null;
        var sequence = settlement.Delivery.Position.Low;

        // The count tells a delivery from an earlier one of the same message to the same member.
        if (!ReferenceEquals(settlement.Delivery.Handle, _lease)
            || !member.Held.TryGetValue(sequence, out var held)
            || held.RetryCount != settlement.Delivery.RetryCount)
        {
            settlement.Outcome = SettlementOutcome.LeaseLost;
            return;
        }

        if (settlement.Action == SettlementAction.Release)
        {
            var waits = settlement.Delay > TimeSpan.Zero;
            if (waits && settlement.Reason == SettlementReason.Nacked && _budget.IsExceeded)
            {
                settlement.Outcome = SettlementOutcome.Failed;
                settlement.Failure = new BrokerException(
                    BrokerErrorCode.ResourceExhausted,
                    "no more messages can wait for their redelivery: maxWaitingBytes of the memory transport is reached");
                return;
            }

            Return(member, sequence, held, settlement);
        }

        member.Held.Remove(sequence);
        settlement.Outcome = SettlementOutcome.Done;
    }

    private void Return(PlaceMember member, ulong sequence, Held held, in TransportSettlement settlement)
    {
        var returned = new Returned
        {
            Sequence = sequence,
            RetryCount = settlement.Attempts,

            // What was never sent has told nobody what was missed before it.
            Missed = settlement.Reason == SettlementReason.NeverSent ? held.Missed : 0,
            ExpiredWith = settlement.Reason == SettlementReason.DeadlinePassed ? member.Number : 0,
        };
        if (settlement.Delay > TimeSpan.Zero)
        {
            _redeliveries.Add(returned with { Message = Returned.Own(held.Message) }, _timer.After(settlement.Delay));
        }
        else
        {
            _redeliveries.AddDue(Keep(returned, held));
        }
    }
}
