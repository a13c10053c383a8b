using EventBroker.Broker.Routing;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedPublish : PublishContext
{
    public required RoutedTransport Route { get; init; }

    /// <summary>The message's receipt, once the transport has taken it.</summary>
    public PublishReceipt Receipt { get; set; }

    public bool HasPassed { get; set; }

    public async ValueTask PassAsync()
    {
        HasPassed = true;
        Receipt = await Route.For(Caller).PublishAsync(EventName, new TransportMessage(Message), CancellationToken);
    }
}
