namespace EventBroker.Sdk.Transports;

/// <summary>How an event is kept. Null leaves an option to the transport's settings; what a transport does not know is refused by name.</summary>
public sealed class EventOptions
{
    /// <summary>Gets the options of an event that leaves everything to the transport.</summary>
    public static EventOptions None { get; } = new();

    /// <summary>Gets how long a message is kept, from when the transport accepted it. 1 s to 3650 days.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Gets how many bytes of messages the event keeps, from 1.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Gets how many messages the event keeps, from 1.</summary>
    public long? MaxMessages { get; init; }

    /// <summary>Gets the largest message of the event, in encoded bytes, from 1; above the broker's limit it has no effect.</summary>
    public int? MaxMessageBytes { get; init; }

    /// <summary>Gets how long a message id is remembered, so that a second message with it is dropped; from 1 s.</summary>
    public TimeSpan? DeduplicationWindow { get; init; }

    /// <summary>Gets how many partitions the event has, from 1.</summary>
    public int? Partitions { get; init; }

    /// <summary>Gets how many copies the backend keeps, from 1.</summary>
    public int? Replicas { get; init; }

    /// <summary>Lists the options that are set, by name.</summary>
    /// <returns>Their names, in the order of the enumeration.</returns>
    public IEnumerable<EventOption> GetSet()
    {
        (EventOption Option, bool IsSet)[] all =
        [
            (EventOption.Retention, Retention is not null),
            (EventOption.MaxBytes, MaxBytes is not null),
            (EventOption.MaxMessages, MaxMessages is not null),
            (EventOption.MaxMessageBytes, MaxMessageBytes is not null),
            (EventOption.DeduplicationWindow, DeduplicationWindow is not null),
            (EventOption.Partitions, Partitions is not null),
            (EventOption.Replicas, Replicas is not null),
        ];
        return all.Where(static o => o.IsSet).Select(static o => o.Option);
    }
}
