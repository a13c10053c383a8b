using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Removes an event; its messages go later, some at a time.</summary>
internal sealed class UnregisterOperation(LogEvents events, string name) : TaskOperation<LogEvent>
{
    private LogEvent? _removed;

    protected override LogEvent Result => _removed!;

    public override void Apply(WriteContext context)
    {
        _removed = events.Find(name) ?? throw BrokerErrors.EventNotRegistered();
        var record = _removed.Record;
        if (record.IsRemoved)
        {
            throw BrokerErrors.EventNotRegistered();
        }

        context.Touch(record);
        foreach (var place in record.Places)
        {
            context.Touch(place);
            place.IsForgotten = true;
        }

        record.IsRemoved = true;
        context.Execute("DELETE FROM settled WHERE place IN (SELECT id FROM places WHERE event = $0)", record.Id);
        context.Execute("DELETE FROM waiting WHERE place IN (SELECT id FROM places WHERE event = $0)", record.Id);
        context.Execute("DELETE FROM places WHERE event = $0", record.Id);
        context.Execute("DELETE FROM events WHERE id = $0", record.Id);
        context.Execute("INSERT INTO removed (event) VALUES ($0)", record.Id);
    }

    public override void Committed()
    {
        events.Remove(_removed!);
        base.Committed();
    }
}
