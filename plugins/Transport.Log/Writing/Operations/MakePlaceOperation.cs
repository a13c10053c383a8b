using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Makes a place.</summary>
internal sealed class MakePlaceOperation(EventRecord target, PlaceKind kind, string name, ulong begin, GroupOptions? options)
    : TaskOperation<bool>, IPlaceHandle
{
    public long Id => Record!.Id;

    public PlaceRecord? Record { get; private set; }

    protected override bool Result => true;

    public static string NameOf(PlaceKind kind) => kind == PlaceKind.WorkerGroup ? "group" : "consumer";

    public override void Apply(WriteContext context)
    {
        Record = null;
        if (target.IsRemoved)
        {
            throw BrokerErrors.EventNotRegistered();
        }

        var id = context.Insert(
            """
            INSERT INTO places (event, kind, name, generation, floor, has_options, max_age, latest_only)
            VALUES ($0, $1, $2, 0, $3, $4, $5, $6)
            """,
            target.Id,
            NameOf(kind),
            name,
            (long)begin,
            options is not null,
            options?.MaxAge?.Ticks / TimeSpan.TicksPerMicrosecond,
            options?.LatestOnly ?? false);
        Record = new PlaceRecord { Id = id, Event = target };
        Record.Reset(begin);
        context.Touch(Record);
        target.Places.Add(Record);
    }

    public override void Failed(BrokerException failure)
    {
        if (Record is not null)
        {
            target.Places.Remove(Record);
        }

        base.Failed(failure);
    }
}
