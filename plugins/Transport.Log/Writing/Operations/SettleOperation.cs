using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Notes what becomes of messages that were handed over.</summary>
internal sealed class SettleOperation : TaskOperation<bool[]>
{
    private readonly IPlaceHandle _place;
    private readonly EventRecord _target;
    private readonly Lease _lease;
    private readonly TransportSettlement[] _settlements;
    private readonly bool[] _done;

    public SettleOperation(IPlaceHandle place, EventRecord target, IReadOnlyList<TransportSettlement> settlements, Lease lease)
    {
        _place = place;
        _target = target;
        _lease = lease;
        _settlements = [.. settlements];
        _done = new bool[_settlements.Length];
    }

    public override long Bytes => _settlements.Length * 16L;

    protected override bool[] Result => _done;

    public override void Apply(WriteContext context)
    {
        if (_place.Record is not { IsForgotten: false } record || record.Generation != _lease.Generation)
        {
            Array.Clear(_done);
            return;
        }

        context.Touch(record);
        for (var i = 0; i < _settlements.Length; i++)
        {
            ref readonly var settlement = ref _settlements[i];
            var number = settlement.Delivery.Position.Low;
            if (settlement.Action == SettlementAction.Release)
            {
                // What the log still holds need not be kept twice.
                ReadOnlyMemory<byte>? body = number < _target.Oldest ? settlement.Delivery.Message.Bytes : null;
                var delay = Math.Max(settlement.Delay.Ticks, 0);
                context.PutWaiting(record, number, settlement.Attempts, context.NowTicks + Math.Min(delay, long.MaxValue - context.NowTicks), body);
            }
            else
            {
                context.DeleteWaiting(record, number);
            }

            record.Settle(number);
            _done[i] = true;
        }
    }
}
