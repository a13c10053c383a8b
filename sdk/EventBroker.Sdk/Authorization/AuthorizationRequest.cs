namespace EventBroker.Sdk.Authorization;

/// <summary>The question put to an authorizer.</summary>
public readonly struct AuthorizationRequest
{
    /// <summary>Gets who asks.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Gets what for.</summary>
    public required BrokerOperation Operation { get; init; }

    /// <summary>Gets the event, already checked against the grammar; empty for <see cref="BrokerOperation.List"/> and
    /// <see cref="BrokerOperation.Admin"/>: whoever may list sees all names.</summary>
    public string EventName { get; init; }

    /// <summary>Gets the worker group that a subscriber wants to join; empty for the default group and for broadcast.</summary>
    public string WorkerGroup { get; init; }
}
