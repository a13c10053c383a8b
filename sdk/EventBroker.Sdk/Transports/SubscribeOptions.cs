namespace EventBroker.Sdk.Transports;

/// <summary>What a subscriber asked for; checked and completed by the broker.</summary>
public sealed class SubscribeOptions
{
    /// <summary>The longest resume cursor, in ASCII characters.</summary>
    public const int MaxCursorLength = 512;

    /// <summary>Gets who gets a message. Default <see cref="DeliveryMode.Broadcast"/>.</summary>
    public DeliveryMode Mode { get; init; } = DeliveryMode.Broadcast;

    /// <summary>Gets the worker group in mode <see cref="DeliveryMode.WorkerPool"/>; empty for the default group, which
    /// is a group like any other. Empty in mode broadcast. Grammar: that of event names.</summary>
    public string WorkerGroup { get; init; } = "";

    /// <summary>Gets where to begin. For a worker group or consumer id that exists already its own place counts, not this.</summary>
    public StartPosition Start { get; init; }

    /// <summary>Gets the time for <see cref="StartPosition.Timestamp"/>.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Gets the age beyond which a message is not delivered any more, measured when it is read; null for any age.
    /// Messages left out for their age are not counted as missed.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Gets whether only the newest message matters: whatever piled up while the subscriber was busy is left out,
    /// not counted as missed.</summary>
    public bool LatestOnly { get; init; }

    /// <summary>Gets how many messages the transport may fetch ahead of reading. Default 100; 1 to 100 000. Transports
    /// that read from memory have nothing to fetch.</summary>
    public int BufferSize { get; init; } = 100;

    /// <summary>Gets the name under which the transport remembers where this subscriber stopped; empty for none.
    /// In mode worker pool it names the member towards the backend and is not a place of its own.
    /// A new subscription under a name that is in use takes it over: the older one ends with
    /// <see cref="Errors.BrokerErrorCode.Aborted"/>.</summary>
    public string ConsumerId { get; init; } = "";

    /// <summary>Gets the cursor behind which to go on; null for none. Excludes <see cref="Start"/>. Only in mode broadcast.</summary>
    public string? ResumeAfter { get; init; }

    /// <summary>Gets how many messages the subscriber may hold unsettled. The broker sees to it; a backend that has
    /// such a limit of its own is set to the same. Default 1000; 1 to 100 000.</summary>
    public int MaxInFlight { get; init; } = 1_000;

    /// <summary>Gets how long a delivery may stay unsettled. The broker sees to it; a backend that redelivers by itself
    /// must be kept from doing so earlier. Default 30 s; 1 s to 12 h.</summary>
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
