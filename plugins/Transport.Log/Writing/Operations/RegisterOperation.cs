using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Log.Storage;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Makes an event.</summary>
internal sealed class RegisterOperation(LogEvents events, string name, EventOptions options) : TaskOperation<LogEvent>
{
    private LogEvent? _made;

    public override bool NeedsRoom => true;

    protected override LogEvent Result => _made!;

    public override void Apply(WriteContext context)
    {
        events.ThrowIfNotFree(name);
        var epoch = Random.Shared.NextInt64(1, long.MaxValue);
        var id = context.Insert(
            """
            INSERT INTO events (name, epoch, retention, max_bytes, max_messages, max_message_bytes, deduplication_window, next, oldest, bytes)
            VALUES ($0, $1, $2, $3, $4, $5, $6, 1, 1, 0)
            """,
            name,
            epoch,
            options.Retention?.Ticks / TimeSpan.TicksPerMicrosecond,
            options.MaxBytes,
            options.MaxMessages,
            options.MaxMessageBytes,
            options.DeduplicationWindow?.Ticks / TimeSpan.TicksPerMicrosecond);
        if (id > BatchKey.MaxEvent)
        {
            throw new BrokerException(BrokerErrorCode.ResourceExhausted, "this log has had too many events; begin a new one");
        }

        _made = events.Make(id, name, (ulong)epoch, options, next: 1, oldest: 1, bytes: 0);
        events.Reserve(_made);
    }

    public override void Committed()
    {
        events.Add(_made!);
        base.Committed();
    }

    public override void Failed(BrokerException failure)
    {
        if (_made is not null)
        {
            events.Release(_made);
        }

        base.Failed(failure);
    }
}
