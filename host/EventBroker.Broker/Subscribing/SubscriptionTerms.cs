using EventBroker.Broker.Routing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>What was agreed when a subscription was opened.</summary>
internal sealed class SubscriptionTerms
{
    public required string EventName { get; init; }

    public required Caller Caller { get; init; }

    public required SubscribeOptions Options { get; init; }

    public required RoutedTransport Route { get; init; }

    public required bool AutoAck { get; init; }

    public required int MaxInFlightBytes { get; init; }

    /// <summary>Whether what this subscriber gives back goes to the transport, for any member of the group; otherwise the
    /// subscription redelivers by itself.</summary>
    public bool ReleasesToTransport => Options.Mode == DeliveryMode.WorkerPool
        && Route.Capabilities[TransportCapability.Redelivery] == CapabilitySupport.Native;

    /// <summary>Whether a message that was not settled is done with as soon as there is a newer one.</summary>
    public bool DropsOutdated => Options is { LatestOnly: true, Mode: DeliveryMode.Broadcast };

    public bool TransportDelays => Route.Capabilities[TransportCapability.RedeliveryDelay] == CapabilitySupport.Native;
}
