using EventBroker.Sdk.Errors;
using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Moves a place; what was handed over before is its no more.</summary>
internal sealed class SeekOperation(IPlaceHandle place, ulong next) : TaskOperation<Lease>
{
    private Lease? _lease;

    protected override Lease Result => _lease!;

    public override void Apply(WriteContext context)
    {
        if (place.Record is not { IsForgotten: false } record)
        {
            throw BrokerErrors.EventNotRegistered();
        }

        context.Touch(record);
        context.Execute("DELETE FROM settled WHERE place = $0", record.Id);
        context.Execute("DELETE FROM waiting WHERE place = $0", record.Id);
        context.Execute("UPDATE places SET floor = $1, generation = $2 WHERE id = $0", record.Id, (long)next, record.Generation + 1);
        record.Reset(next);
        record.Generation++;
        _lease = new Lease(record.Generation);
    }
}
