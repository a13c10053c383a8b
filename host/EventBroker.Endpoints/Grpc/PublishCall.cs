using EventBroker.Broker.Publishing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// A decoded PublishRequest and, once it is published, the answer to it: one object for both ways.
internal sealed class PublishCall
{
    public string EventName { get; init; } = "";

    public MessageEncoder? Message { get; init; }

    // What was wrong with the request. Thrown by the handler: what a marshaller throws would become INTERNAL.
    public BrokerException? Fault { get; init; }

    public ReadOnlyMemory<byte> Id { get; set; }

    public bool IsDuplicate { get; set; }

    public PublishItem ToItem() => new() { EventName = EventName, Message = Message! };
}
