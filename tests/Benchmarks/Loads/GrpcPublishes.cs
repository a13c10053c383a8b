using EventBroker.Protos.Event.V1;
using Grpc.Net.Client;

namespace Benchmarks.Loads;

/// <summary>Unary publishes with the generated C# client, a fixed number of them under way at a time.</summary>
internal sealed class GrpcPublishes : ILoad
{
    private readonly GrpcChannel _channel;
    private readonly EventService.EventServiceClient _client;
    private readonly Func<PublishRequest> _nextRequest;
    private readonly int _inFlight;

    public GrpcPublishes(Uri server, Func<PublishRequest> nextRequest, int inFlight)
    {
        _channel = GrpcChannel.ForAddress(server, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false, ActivityHeadersPropagator = null },
            DisposeHttpClient = true,
        });
        _client = new EventService.EventServiceClient(_channel);
        _nextRequest = nextRequest;
        _inFlight = inFlight;
    }

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, _inFlight).Select(_ => PublishAsync()));

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await _client.PublishAsync(_nextRequest(), cancellationToken: cancellation);
        }
    }

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return ValueTask.CompletedTask;
    }
}
