using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Storage;

/// <summary>How much one event keeps: what it was registered with, and the transport's settings for the rest.</summary>
internal sealed class EventLimits
{
    public EventLimits(MemorySettings settings, EventOptions options)
    {
        Retention = options.Retention ?? settings.Retention;
        MaxBytes = options.MaxBytes ?? settings.MaxBytesPerEvent.Bytes;
        MaxMessages = options.MaxMessages ?? settings.MaxMessagesPerEvent;
        MaxMessageBytes = options.MaxMessageBytes;
    }

    /// <summary>Gets the options that an event of this transport can be registered with.</summary>
    public static IReadOnlySet<EventOption> Options { get; } = new HashSet<EventOption>
    {
        EventOption.Retention, EventOption.MaxBytes, EventOption.MaxMessages, EventOption.MaxMessageBytes,
    };

    public TimeSpan Retention { get; }

    public long MaxBytes { get; }

    public long MaxMessages { get; }

    /// <summary>Gets the largest message; null where only the broker's own limit counts.</summary>
    public int? MaxMessageBytes { get; }

    public EventOptions ToOptions() => new()
    {
        Retention = Retention,
        MaxBytes = MaxBytes,
        MaxMessages = MaxMessages,
        MaxMessageBytes = MaxMessageBytes,
    };
}
