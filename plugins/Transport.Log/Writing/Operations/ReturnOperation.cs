using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Notes that a message was given back by a member that left without a word.</summary>
internal sealed class ReturnOperation(IPlaceHandle place, ulong number, int attempts, ReadOnlyMemory<byte> message, Lease lease) : TaskOperation<bool>
{
    protected override bool Result => true;

    public override void Apply(WriteContext context)
    {
        if (place.Record is { IsForgotten: false } record && record.Generation == lease.Generation)
        {
            context.Touch(record);
            context.PutWaiting(record, number, attempts, context.NowTicks, number < record.Event.Oldest ? message : null);
            record.Settle(number);
        }
    }
}
