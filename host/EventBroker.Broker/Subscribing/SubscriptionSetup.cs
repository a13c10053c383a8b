using EventBroker.Broker.Routing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>What was agreed when a subscription was opened.</summary>
internal sealed class SubscriptionSetup
{
    public required string EventName { get; init; }

    public required Caller Caller { get; init; }

    public required SubscribeOptions Options { get; init; }

    public required RoutedTransport Route { get; init; }

    public required bool AutoAck { get; init; }

    public required BrokerOptions Limits { get; init; }

    /// <summary>The largest encoded message that can be delivered within the broker's limit.</summary>
    public required int LargestMessage { get; init; }
}
