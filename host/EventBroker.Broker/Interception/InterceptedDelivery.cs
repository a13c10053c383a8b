using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedDelivery : DeliverContext
{
    public bool HasPassed { get; set; }
}
