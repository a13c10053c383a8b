namespace EventBroker.Sdk.Transports;

/// <summary>An option of an event that a transport may know; the names are those of <see cref="EventOptions"/>.</summary>
public enum EventOption
{
    /// <summary><see cref="EventOptions.Retention"/>.</summary>
    Retention,

    /// <summary><see cref="EventOptions.MaxBytes"/>.</summary>
    MaxBytes,

    /// <summary><see cref="EventOptions.MaxMessages"/>.</summary>
    MaxMessages,

    /// <summary><see cref="EventOptions.MaxMessageBytes"/>.</summary>
    MaxMessageBytes,

    /// <summary><see cref="EventOptions.DeduplicationWindow"/>.</summary>
    DeduplicationWindow,

    /// <summary><see cref="EventOptions.Partitions"/>.</summary>
    Partitions,

    /// <summary><see cref="EventOptions.Replicas"/>.</summary>
    Replicas,
}
