using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>What a subscriber asks for, as an endpoint decoded it. The broker checks it; 0 and null mean the broker's default.</summary>
public sealed record SubscribeRequest
{
    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets who gets a message; null: broadcast.</summary>
    public DeliveryMode? Mode { get; init; }

    /// <summary>Gets the worker group; empty for the default group.</summary>
    public string WorkerGroup { get; init; } = "";

    /// <summary>Gets where to begin.</summary>
    public StartPosition Start { get; init; }

    /// <summary>Gets the time for <see cref="StartPosition.Timestamp"/>.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Gets the age beyond which messages are left out.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Gets whether only the newest message matters.</summary>
    public bool LatestOnly { get; init; }

    /// <summary>Gets how many messages are fetched ahead.</summary>
    public int BufferSize { get; init; }

    /// <summary>Gets the name under which the transport remembers this subscriber's place; empty for none.</summary>
    public string ConsumerId { get; init; } = "";

    /// <summary>Gets the cursor behind which to go on; null or empty for none.</summary>
    public string? ResumeAfter { get; init; }

    /// <summary>Gets whether <see cref="ResumeAfter"/> is the id that a browser brings along by itself and can't forget. One that is no cursor of
    /// the event (an earlier system behind the same address has given it out) is then not refused: the subscription begins at the oldest
    /// retained message and is told as lost, and a worker group goes on from its own place.</summary>
    public bool ComesBack { get; init; }

    /// <summary>Gets how many messages may be unsettled.</summary>
    public int MaxInFlight { get; init; }

    /// <summary>Gets how long a delivery may be unsettled.</summary>
    public TimeSpan? AckTimeout { get; init; }

    /// <summary>Gets whether a delivery is settled as soon as it was handed to the connection.</summary>
    public bool AutoAck { get; init; }

    /// <summary>Gets whether the subscriber takes its consumer id from whoever has it even if it has lost it before.</summary>
    public bool Takeover { get; init; }

    /// <summary>Gets whether the subscriber brings along that it has lost its consumer id.</summary>
    public bool HasLostConsumerId { get; init; }

    /// <summary>Gets whether the subscriber waits for an event that is not registered, and for what else may pass: who serves it calls
    /// <see cref="MessageBroker.SubscribeWhenRegisteredAsync"/> then.</summary>
    public bool Wait { get; init; }
}
