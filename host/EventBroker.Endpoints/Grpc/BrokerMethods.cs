using EventBroker.Broker;
using EventBroker.Protos.Broker.V1;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace EventBroker.Endpoints.Grpc;

// As EventMethods, for eventbroker.v1.BrokerService.
internal sealed class BrokerMethods(MessageBroker broker) : IServiceMethodProvider<BrokerGrpcService>
{
    private const string Service = "eventbroker.v1.BrokerService";

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<BrokerGrpcService> context)
    {
        context.AddUnaryMethod(
            new Method<Decoded<List<PublishCall>>, PublishBatchResponse>(
                MethodType.Unary, Service, "PublishBatch", Marshalling.Batch(broker.Options.MaxItemsPerCall), Marshalling.Response<PublishBatchResponse>()),
            Post,
            static (service, request, call) => service.PublishBatchAsync(request, call));
        context.AddDuplexStreamingMethod(
            new Method<PublishCall, PublishProgress>(
                MethodType.DuplexStreaming, Service, "PublishStream", Marshalling.Publish, Marshalling.Response<PublishProgress>()),
            Post,
            static (service, requests, responses, call) => service.PublishStreamAsync(requests, responses, call));
        context.AddUnaryMethod(
            new Method<Decoded<DescribeEventRequest>, DescribeEventResponse>(
                MethodType.Unary, Service, "DescribeEvent", Marshalling.Request(DescribeEventRequest.Parser), Marshalling.Response<DescribeEventResponse>()),
            Post,
            static (service, request, call) => service.DescribeEvent(GrpcCalls.Value(request), call));
        context.AddUnaryMethod(
            new Method<Decoded<SeekRequest>, SeekResponse>(
                MethodType.Unary, Service, "Seek", Marshalling.Request(SeekRequest.Parser), Marshalling.Response<SeekResponse>()),
            Post,
            static (service, request, call) => service.Seek(GrpcCalls.Value(request), call));
        context.AddUnaryMethod(
            new Method<Decoded<ListPluginsRequest>, ListPluginsResponse>(
                MethodType.Unary, Service, "ListPlugins", Marshalling.Request(ListPluginsRequest.Parser), Marshalling.Response<ListPluginsResponse>()),
            Post,
            static (service, request, call) => service.ListPlugins(GrpcCalls.Value(request), call));
    }

    private static IList<object> Post => [new HttpMethodMetadata(["POST"], acceptCorsPreflight: true), OwnBinding.Instance];
}
