using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Writing;

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
