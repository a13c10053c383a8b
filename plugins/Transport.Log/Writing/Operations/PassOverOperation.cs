using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Notes that messages were passed over for good.</summary>
internal sealed class PassOverOperation(IPlaceHandle place, ulong from, ulong to, Lease lease) : TaskOperation<bool>
{
    protected override bool Result => true;

    public override void Apply(WriteContext context)
    {
        if (place.Record is { IsForgotten: false } record && record.Generation == lease.Generation)
        {
            context.Touch(record);
            record.Settle(from, to);
        }
    }
}
