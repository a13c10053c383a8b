using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Notes what the members of a group have agreed on.</summary>
internal sealed class SetOptionsOperation(IPlaceHandle place, GroupOptions options) : TaskOperation<bool>
{
    protected override bool Result => true;

    public override void Apply(WriteContext context)
    {
        if (place.Record is { IsForgotten: false } record)
        {
            context.Execute(
                "UPDATE places SET has_options = 1, max_age = $1, latest_only = $2 WHERE id = $0",
                record.Id,
                options.MaxAge?.Ticks / TimeSpan.TicksPerMicrosecond,
                options.LatestOnly);
        }
    }
}
