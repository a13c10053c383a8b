namespace EventBroker.Broker.Routing;

/// <summary>A line of the routing table.</summary>
public sealed class EventRoute
{
    /// <summary>Gets the pattern of event names: <c>*</c> stands for any characters, also none, everything else for itself.</summary>
    public required string Events { get; init; }

    /// <summary>Gets the name of the transport that carries the events that match.</summary>
    public required string Transport { get; init; }
}
