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

    /// <summary>Whether the broker has made the message's id up.</summary>
    public bool HasGeneratedId { get; init; }

    /// <summary>The message's receipt, once the transport has taken it.</summary>
    public PublishReceipt Receipt { get; set; }

    public bool HasPassed { get; set; }

    /// <summary>The message as it goes to the transport, whatever the interceptors have made of it.</summary>
    public TransportMessage Outgoing => new(Message) { HasGeneratedId = HasGeneratedId };

    public async ValueTask PassAsync()
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }

        HasPassed = true;
        Receipt = await Route.PublishAsync(Caller, EventName, Outgoing, CancellationToken);
    }
}
