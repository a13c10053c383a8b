using EventBroker.Broker.Routing;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedPublish : PublishContext
{
    public required RoutedTransport Route { get; init; }

    public required int LargestMessage { get; init; }

    /// <summary>Why the message can't be accepted as the interceptors have left it; null if it can.</summary>
    public BrokerException? Refusal => Message.Length > LargestMessage ? DeliveryEnvelope.TooLarge(Message.Length, LargestMessage) : null;

    /// <summary>The message's receipt, once the transport has taken it.</summary>
    public PublishReceipt Receipt { get; set; }

    public bool HasPassed { get; set; }

    public async ValueTask PassAsync()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }

        HasPassed = true;
        Receipt = await Route.For(Caller).PublishAsync(EventName, new TransportMessage(Message), CancellationToken);
    }
}
