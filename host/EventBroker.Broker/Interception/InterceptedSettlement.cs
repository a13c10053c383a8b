using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedSettlement : SettleContext
{
    public required BrokerSubscription Subscription { get; init; }

    public required Memory<SettleEntry> Entry { get; init; }

    public ValueTask PassAsync() => Subscription.SettleAsync(Entry);
}
