using System.Net.Http.Json;
using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;

namespace EventBroker.FunctionalTests.Crash;

internal sealed class UnaryPublisher(CrashRun run) : CrashPublisher("unary", run)
{
    protected override async Task PublishAsync(int life)
    {
        using var channel = Run.OpenChannel();
        var client = new EventService.EventServiceClient(channel);
        while (await NextAsync(1, life) is [var id])
        {
            var call = client.PublishAsync(new PublishRequest { Event = CrashRun.Event, Id = id, Payload = ByteString.CopyFromUtf8(id) });
            Sent();
            Answered(id, (await call).Duplicate);
        }
    }
}

internal sealed class BatchPublisher(CrashRun run) : CrashPublisher("batch", run)
{
    private const int Count = 20;

    // Large enough that it takes a while until they are written.
    private static readonly ByteString Payload = ByteString.CopyFrom(new byte[16 * 1024]);

    protected override async Task PublishAsync(int life)
    {
        using var channel = Run.OpenChannel();
        var client = new BrokerService.BrokerServiceClient(channel);
        while (await NextAsync(Count, life) is { Count: > 0 } ids)
        {
            var request = new PublishBatchRequest();
            request.Messages.Add(ids.Select(static id => new PublishItem { Event = CrashRun.Event, Id = id, Payload = Payload }));
            var call = client.PublishBatchAsync(request);
            Sent();
            var response = await call;
            Assert.Empty(response.Failures);
            for (var i = 0; i < ids.Count; i++)
            {
                Answered(ids[i], response.Duplicates.Contains(i));
            }
        }
    }
}

internal sealed class StreamPublisher(CrashRun run) : CrashPublisher("stream", run)
{
    private const int Count = 10;

    protected override async Task PublishAsync(int life)
    {
        using var channel = Run.OpenChannel();
        using var call = new BrokerService.BrokerServiceClient(channel).PublishStream();
        long answered = 0;
        while (await NextAsync(Count, life) is { Count: > 0 } ids)
        {
            foreach (var id in ids)
            {
                await call.RequestStream.WriteAsync(new PublishItem { Event = CrashRun.Event, Id = id, Payload = ByteString.CopyFromUtf8(id) });
            }

            Sent();
            var first = answered;
            while (answered < first + ids.Count)
            {
                Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
                var progress = call.ResponseStream.Current;
                Assert.Empty(progress.Failures);
                for (; answered < progress.Count; answered++)
                {
                    Answered(ids[(int)(answered - first)], progress.Duplicates.Contains(answered));
                }
            }
        }
    }
}

internal sealed class RestPublisher(CrashRun run) : CrashPublisher("rest", run)
{
    protected override async Task PublishAsync(int life)
    {
        using var http = Run.OpenHttp();
        while (await NextAsync(1, life) is [var id])
        {
            var call = http.PostTextAsync($"/v1/events/{CrashRun.Event}/messages", JsonSerializer.Serialize(new { id }));
            Sent();
            using var response = await call;
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            Answered(id, answer.TryGetProperty("duplicate", out var duplicate) && duplicate.GetBoolean());
        }
    }
}
