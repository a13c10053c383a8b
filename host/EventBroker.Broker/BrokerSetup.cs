using EventBroker.Broker.Routing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker;

/// <summary>The parts that a broker is made of. The broker disposes none of them.</summary>
public sealed class BrokerSetup
{
    /// <summary>Gets the transports by their names.</summary>
    public required IReadOnlyDictionary<string, ITransport> Transports { get; init; }

    /// <summary>Gets the routing table: the first line that matches an event name decides. An event that no line
    /// matches is refused.</summary>
    public required IReadOnlyList<EventRoute> Routes { get; init; }

    /// <summary>Gets the authorizers, in the order in which they are asked; without any, every call is denied.</summary>
    public IReadOnlyList<IAuthorizer> Authorizers { get; init; } = [];

    /// <summary>Gets the interceptors, the outermost first.</summary>
    public IReadOnlyList<IInterceptor> Interceptors { get; init; } = [];

    /// <summary>Gets limits and times.</summary>
    public BrokerOptions Options { get; init; } = new();

    /// <summary>Gets the plugins to show to operators.</summary>
    public IReadOnlyList<PluginStatus> Plugins { get; init; } = [];
}
