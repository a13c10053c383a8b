namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Forgets a place.</summary>
internal sealed class ForgetPlaceOperation(IPlaceHandle place) : TaskOperation<bool>
{
    protected override bool Result => true;

    public override void Apply(WriteContext context)
    {
        if (place.Record is not { IsForgotten: false } record)
        {
            return;
        }

        context.Touch(record);
        record.IsForgotten = true;
        context.Execute("DELETE FROM settled WHERE place = $0", record.Id);
        context.Execute("DELETE FROM waiting WHERE place = $0", record.Id);
        context.Execute("DELETE FROM places WHERE id = $0", record.Id);
    }

    public override void Committed()
    {
        place.Record?.Event.Places.Remove(place.Record);
        base.Committed();
    }
}
