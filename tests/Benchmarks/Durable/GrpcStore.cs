using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;
using Grpc.Net.Client;

namespace Benchmarks.Durable;

/// <summary>A server's Publish, by unary gRPC calls of the generated client.</summary>
internal sealed class GrpcStore : IDurableStore
{
    private readonly GrpcChannel _channel;
    private readonly EventService.EventServiceClient _client;
    private readonly PublishRequest _request;

    public GrpcStore(string name, ServerProcess server, string eventName)
    {
        Name = name;
        _channel = GrpcChannel.ForAddress(server.Addresses.Grpc, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false, ActivityHeadersPropagator = null },
            DisposeHttpClient = true,
        });
        _client = new EventService.EventServiceClient(_channel);
        _request = new PublishRequest { Event = eventName, Payload = Google.Protobuf.ByteString.CopyFrom(SampleMessage.Payload) };
    }

    public string Name { get; }

    public async Task PublishAsync(CancellationToken cancellation) => await _client.PublishAsync(_request, cancellationToken: cancellation);

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }
}
