using EventBroker.Broker;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Grpc;

// How large a request may be: a message that is too large by itself is refused by the broker, which can say more about it.
internal sealed class GrpcLimits(MessageBroker broker)
    : IConfigureOptions<GrpcServiceOptions<EventGrpcService>>, IConfigureOptions<GrpcServiceOptions<BrokerGrpcService>>
{
    private const int Headroom = 64 * 1024;
    private const int MaxBatchBytes = 16 * 1024 * 1024;

    public static int LargestRequest(MessageBroker broker, Type service) => service == typeof(BrokerGrpcService)
        ? Math.Max(broker.Options.MaxMessageBytes + Headroom, MaxBatchBytes)
        : broker.Options.MaxMessageBytes + Headroom;

    public void Configure(GrpcServiceOptions<EventGrpcService> options) =>
        options.MaxReceiveMessageSize = LargestRequest(broker, typeof(EventGrpcService));

    public void Configure(GrpcServiceOptions<BrokerGrpcService> options) =>
        options.MaxReceiveMessageSize = LargestRequest(broker, typeof(BrokerGrpcService));
}
