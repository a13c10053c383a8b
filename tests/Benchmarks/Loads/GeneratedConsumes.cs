using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Benchmarks.Loads;

/// <summary>Through the generated client, with acks batched by 100 by hand.</summary>
internal sealed class GeneratedConsumes : ConsumeLoad
{
    private readonly GrpcChannel _channel;
    private readonly EventService.EventServiceClient _client;

    public GeneratedConsumes(Uri server, string eventName)
        : base(server, eventName)
    {
        _channel = GrpcChannel.ForAddress(server, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false, ActivityHeadersPropagator = null },
            DisposeHttpClient = true,
        });
        _client = new EventService.EventServiceClient(_channel);
    }

    public override async Task RunAsync(long messages, CancellationToken cancellation)
    {
        using var call = _client.Subscribe(
            new SubscribeRequest
            {
                Event = EventName,
                DeliveryMode = DeliveryMode.WorkerPool,
                WorkerGroup = Group,
                StartFrom = StartPosition.Beginning,
            },
            cancellationToken: cancellation);
        var acks = new List<Task<AckResponse>>();
        var batch = new AckRequest();
        for (var received = 1; received <= messages; received++)
        {
            if (!await call.ResponseStream.MoveNext(cancellation))
                throw new InvalidOperationException("The server has ended the stream.");

            batch.Entries.Add(new AckEntry { AckId = call.ResponseStream.Current.AckId });
            if (batch.Entries.Count == 100 || received == messages)
            {
                acks.Add(_client.AckAsync(batch, cancellationToken: cancellation).ResponseAsync);
                batch = new AckRequest();
            }
        }

        foreach (var ack in acks)
        {
            if ((await ack).Results.Any(static result => result != AckResult.Settled))
                throw new InvalidOperationException("An ack was not answered with SETTLED.");
        }
    }

    public override ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return base.DisposeAsync();
    }
}
