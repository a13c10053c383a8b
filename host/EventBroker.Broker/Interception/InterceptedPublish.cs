using EventBroker.Broker.Routing;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedPublish : PublishContext
{
    public required RoutedTransport Route { get; init; }

    /// <summary>Whether the broker has made the message's id up.</summary>
    public bool HasGeneratedId { get; init; }

    /// <summary>The message's receipt, once the transport has taken it.</summary>
    public PublishReceipt Receipt { get; set; }

    public bool HasPassed { get; set; }

    /// <summary>The message as it goes to the transport, whatever the interceptors have made of it.</summary>
    public TransportMessage Outgoing => new(Message) { HasGeneratedId = HasGeneratedId };

    public async ValueTask PassAsync()
    {
        HasPassed = true;
        Receipt = await Route.For(Caller).PublishAsync(EventName, Outgoing, CancellationToken);
    }
}
