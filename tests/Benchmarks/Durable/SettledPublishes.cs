using Benchmarks.Servers;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Benchmarks.Durable;

/// <summary>Unary publishes to a worker that acks each message by itself, all with the generated client.</summary>
internal sealed class SettledPublishes(ServerProcess server, string eventName) : IAsyncDisposable
{
    private readonly GrpcStore _publisher = new("publisher", server, eventName);
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(server.Addresses.Grpc);

    public async Task RunAsync(int messages, int inFlight, CancellationToken cancellation)
    {
        var client = new EventService.EventServiceClient(_channel);
        using var call = client.Subscribe(
            new SubscribeRequest { Event = eventName, DeliveryMode = DeliveryMode.WorkerPool, WorkerGroup = "bench" }, cancellationToken: cancellation);
        await call.ResponseHeadersAsync;
        var publishing = Concurrently.RunAsync(inFlight, messages, () => _publisher.PublishAsync(cancellation));
        var acks = new List<Task>();
        for (var taken = 0; taken < messages; taken++)
        {
            await call.ResponseStream.MoveNext(cancellation);
            var request = new AckRequest();
            request.Entries.Add(new AckEntry { AckId = call.ResponseStream.Current.AckId });
            acks.Add(client.AckAsync(request, cancellationToken: cancellation).ResponseAsync);
        }

        await Task.WhenAll(acks);
        await publishing;
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        _channel.Dispose();
    }
}
