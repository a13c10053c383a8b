namespace EventBroker.Sdk.Transports;

/// <summary>What a subscriber asked for; checked and completed by the broker.</summary>
public sealed class SubscribeOptions
{
    /// <summary>Gets who gets a message. Default <see cref="DeliveryMode.Broadcast"/>.</summary>
    public DeliveryMode Mode { get; init; } = DeliveryMode.Broadcast;

    /// <summary>Gets the worker group in mode <see cref="DeliveryMode.WorkerPool"/>; empty for the default group, which
    /// is a group like any other. Empty in mode broadcast. Grammar: that of event names. A group keeps its place when
    /// its last member leaves, for as long as the transport says; on one that retains nothing it has none to keep.</summary>
    public string WorkerGroup { get; init; } = "";

    /// <summary>Gets where to begin: where a new worker group or consumer id begins. One that exists already goes on from its own place, and
    /// <see cref="ITransportSubscription.Resume"/> says <see cref="ResumeOutcome.Kept"/>.</summary>
    public StartPosition Start { get; init; }

    /// <summary>Gets the time for <see cref="StartPosition.Timestamp"/>. Before the oldest retained message it means the
    /// beginning, and nothing counts as missed; after the newest it means the end.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Gets the age beyond which a message is not delivered any more, measured when it is read; null for any age.
    /// Messages left out for their age are not counted as missed. The broker sees to it; a transport that declares
    /// <see cref="TransportCapability.MaxAge"/> passes over them before. In a worker group they are done with for all its members, and the
    /// age is the group's: fixed when the group is made, and a member that asks for another is refused with
    /// <see cref="Errors.BrokerErrorCode.FailedPrecondition"/> naming <c>max_age</c>.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Gets whether only the newest message matters: whatever piled up while the subscriber was busy is left out,
    /// not counted as missed. The broker sees to it; a transport that declares <see cref="TransportCapability.LatestOnly"/> passes over
    /// the older ones before. In a worker group they are done with for all its members, and the option is the group's, as
    /// <see cref="MaxAge"/> is.</summary>
    public bool LatestOnly { get; init; }

    /// <summary>Gets how many messages the transport may fetch ahead of reading. Default 100; 1 to 100 000. A
    /// member of a worker group is kept to what it demands (<see cref="ITransportSubscription.Demand"/>). Transports
    /// that read from memory have nothing to fetch.</summary>
    public int BufferSize { get; init; } = 100;

    /// <summary>Gets the name under which the transport remembers where this subscriber stopped; empty for none.
    /// In mode worker pool it names the member towards the backend and is not a place of its own.
    /// At most 200 characters, no control characters; a backend with a narrower alphabet keeps a hash of it. Unique within the event,
    /// in mode worker pool within the group. The place is kept for as long as the transport says. A new subscription under a name that is in use takes it over: the older one ends with
    /// <see cref="Errors.BrokerErrors.TakenOver"/>, at once in the same process, otherwise as soon as the backend lets it
    /// know; until then both may get messages.</summary>
    public string ConsumerId { get; init; } = "";

    /// <summary>Gets the cursor behind which to go on; null for none. Excludes <see cref="Start"/>. Only in mode broadcast. For a
    /// consumer id that has a place already that place counts, not this (a browser sends both when it reconnects). Messages before it that were never settled do not come back.
    /// At most <see cref="ResumeCursor.MaxLength"/> characters.</summary>
    public string? ResumeAfter { get; init; }

    /// <summary>Gets how many messages the subscriber may hold unsettled. The broker sees to it; a backend that has
    /// such a limit of its own is set to no less; where that limit is the group's (JetStream), to what all members together may hold.
    /// Default 1000; 1 to 100 000.</summary>
    public int MaxInFlight { get; init; } = 1_000;

    /// <summary>Gets how long a delivery may stay unsettled. The broker sees to it; a backend that redelivers by itself
    /// must be kept from doing so earlier. Default 30 s; 1 s to 12 h.</summary>
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
