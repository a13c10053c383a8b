using Benchmarks.Durable;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks.Bare;

/// <summary>Generated handlers that do nothing, and a stream of messages that were built beforehand.</summary>
internal sealed class BareEventService(IServiceProvider services) : EventService.EventServiceBase
{
    private readonly BareSqlite? _store = services.GetService<BareSqlite>();

    private static readonly PublishResponse Published = new() { Id = "01JQ8ZK3V5T6W7X8Y9ZABCDEFG" };
    private static readonly AckResponse Acknowledged = new();
    private static readonly Message[] Messages = [.. Enumerable.Range(0, 1_000).Select(Build)];

    public override Task<RegisterEventResponse> RegisterEvent(RegisterEventRequest request, ServerCallContext context) =>
        Task.FromResult(new RegisterEventResponse());

    public override Task<PublishResponse> Publish(PublishRequest request, ServerCallContext context) =>
        _store is null ? Task.FromResult(Published) : StoreAsync(_store, context.CancellationToken);

    public override Task<AckResponse> Ack(AckRequest request, ServerCallContext context) => Task.FromResult(Acknowledged);

    /// <summary>Writes as many messages as the buffer size says, as fast as they are taken; none of them: stays open.</summary>
    public override async Task Subscribe(SubscribeRequest request, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        if (request.BufferSize == 0)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.CancellationToken.Register(ended.SetResult);
            await ended.Task;
            return;
        }

        // Without it every message is flushed on its own, which no server in earnest does.
        responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var sent = 1; sent <= request.BufferSize; sent++)
        {
            if (sent % 64 == 0 || sent == request.BufferSize)
                responseStream.WriteOptions = WriteOptions.Default;
            else if (sent % 64 == 1)
                responseStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);

            await responseStream.WriteAsync(Messages[sent % Messages.Length], context.CancellationToken);
        }
    }

    private static async Task<PublishResponse> StoreAsync(BareSqlite store, CancellationToken cancellation)
    {
        await store.PublishAsync(cancellation);
        return Published;
    }

    private static Message Build(int number)
    {
        var message = new Message
        {
            Id = $"01JQ8ZK3V5T6W7X8Y9ZAB{number:D5}",
            Source = "remote",
            Payload = Google.Protobuf.ByteString.CopyFrom(SampleMessage.Payload),
            Timestamp = new() { Seconds = 1_767_225_600 + number, Nanos = 409_738_313 },
            AckId = $"AQAAAAEAAAAAAAAAd2hhdGV2ZXIxMjM0{number:x6}",
        };
        foreach (var (key, value) in SampleMessage.Metadata)
            message.Metadata.Add(key, value);

        return message;
    }
}
