namespace EventBroker.Broker.Routing;

/// <summary>A line of the routing table.</summary>
public sealed class EventRoute
{
    /// <summary>Gets the pattern of event names: <c>*</c> stands for any characters, also none, everything else for itself.</summary>
    public required string Events { get; init; }

    /// <summary>Gets the name of the transport that carries the events that match.</summary>
    public required string Transport { get; init; }

    /// <summary>Gets whether publishing or subscribing to an event that is not registered registers it, for a caller who may
    /// register it.</summary>
    /// <value>Default false.</value>
    public bool AutoRegister { get; init; }
}
