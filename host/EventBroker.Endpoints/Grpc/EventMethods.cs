using EventBroker.Broker;
using EventBroker.Protos.Event.V1;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace EventBroker.Endpoints.Grpc;

// Binds event.v1.EventService once more, beside the generated binding, with marshallers of our own. The generated one serves JSON
// transcoding and reflection; for gRPC calls, MapEventBroker puts these before it.
internal sealed class EventMethods(MessageBroker broker) : IServiceMethodProvider<EventGrpcService>
{
    private const string Service = "event.v1.EventService";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<EventGrpcService> context)
    {
        context.AddUnaryMethod(
            Unary("Publish", Marshalling.Publish, Marshalling.Publish), Post, static (service, request, call) => service.PublishAsync(request, call));
        context.AddUnaryMethod(
            Unary("Ack", Marshalling.Ack(broker.Options.MaxItemsPerCall), Marshalling.AckResponse), Post, static (service, request, call) => service.AckAsync(request, call));
        context.AddServerStreamingMethod(
            new Method<Decoded<SubscribeRequest>, Message>(
                MethodType.ServerStreaming, Service, "Subscribe", Marshalling.Request(SubscribeRequest.Parser), Marshalling.Message),
            Post,
            static (service, request, _, call) => service.SubscribeAsync(request, call));
        context.AddUnaryMethod(
            Unary("RegisterEvent", Marshalling.Request(RegisterEventRequest.Parser), Marshalling.Response<RegisterEventResponse>()),
            Post,
            static (service, request, call) => service.RegisterEvent(GrpcCalls.Value(request), call));
        context.AddUnaryMethod(
            Unary("UnregisterEvent", Marshalling.Request(UnregisterEventRequest.Parser), Marshalling.Response<UnregisterEventResponse>()),
            Post,
            static (service, request, call) => service.UnregisterEvent(GrpcCalls.Value(request), call));
        context.AddUnaryMethod(
            Unary("ListEvents", Marshalling.Request(ListEventsRequest.Parser), Marshalling.Response<ListEventsResponse>()),
            Post,
            static (service, request, call) => service.ListEvents(GrpcCalls.Value(request), call));
        context.AddUnaryMethod(
            Unary("Health", Marshalling.Request(HealthRequest.Parser), Marshalling.Response<HealthResponse>()),
            Post,
            static (service, request, call) => service.Health(GrpcCalls.Value(request), call));
    }

    // What the generated binding adds, and what tells the two apart.
    private static IList<object> Post => [new HttpMethodMetadata(["POST"], acceptCorsPreflight: true), OwnBinding.Instance];

    private static Method<TRequest, TResponse> Unary<TRequest, TResponse>(
        string name, Marshaller<TRequest> request, Marshaller<TResponse> response) =>
        new(MethodType.Unary, Service, name, request, response);
}
