using System.Net.Http.Json;
using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;

namespace EventBroker.FunctionalTests.Crash;

internal sealed class UnaryPublisher(CrashRun run, Route route) : CrashPublisher("unary", run, route)
{
    protected override async Task StayAsync(Stay stay)
    {
        using var channel = stay.Host.OpenChannel();
        var client = new EventService.EventServiceClient(channel);
        while (await NextAsync(1) is [var id])
        {
            var call = client.PublishAsync(new PublishRequest { Event = CrashRun.Event, Id = id, Payload = ByteString.CopyFromUtf8(id) });
            Sent(stay);
            Answered(stay, id, (await AskAsync(call.ResponseAsync)).Duplicate);
        }
    }
}

internal sealed class BatchPublisher(CrashRun run, Route route) : CrashPublisher("batch", run, route)
{
    private const int Count = 20;

    private readonly ByteString _payload = ByteString.CopyFrom(new byte[run.BatchPayload]);

    protected override async Task StayAsync(Stay stay)
    {
        using var channel = stay.Host.OpenChannel();
        var client = new BrokerService.BrokerServiceClient(channel);
        while (await NextAsync(Count) is { Count: > 0 } ids)
        {
            var request = new PublishBatchRequest();
            request.Messages.Add(ids.Select(id => new PublishItem { Event = CrashRun.Event, Id = id, Payload = _payload }));
            var call = client.PublishBatchAsync(request);
            Sent(stay);
            var response = await AskAsync(call.ResponseAsync);
            var failed = response.Failures.Select(static f => (int)f.Index).ToHashSet();
            for (var i = 0; i < ids.Count; i++)
            {
                if (!failed.Contains(i))
                {
                    Answered(stay, ids[i], response.Duplicates.Contains(i));
                }
            }

            if (response.Failures is [var failure, ..])
            {
                CheckFailure(failure.Code, failure.Message);
                throw new BackendAwayException(failure.Message);
            }
        }
    }
}

internal sealed class StreamPublisher(CrashRun run, Route route) : CrashPublisher("stream", run, route)
{
    private const int Count = 10;

    protected override async Task StayAsync(Stay stay)
    {
        using var channel = stay.Host.OpenChannel();
        using var call = new BrokerService.BrokerServiceClient(channel).PublishStream();
        long answered = 0;
        while (await NextAsync(Count) is { Count: > 0 } ids)
        {
            foreach (var id in ids)
            {
                await call.RequestStream.WriteAsync(new PublishItem { Event = CrashRun.Event, Id = id, Payload = ByteString.CopyFromUtf8(id) });
            }

            Sent(stay);
            var first = answered;
            while (answered < first + ids.Count)
            {
                Assert.True(await AskAsync(call.ResponseStream.MoveNext(CancellationToken.None)));
                var progress = call.ResponseStream.Current;
                foreach (var failure in progress.Failures)
                {
                    CheckFailure(failure.Code, failure.Message);
                }

                for (; answered < progress.Count; answered++)
                {
                    if (progress.Failures.All(f => f.Index != answered))
                    {
                        Answered(stay, ids[(int)(answered - first)], progress.Duplicates.Contains(answered));
                    }
                }
            }
        }
    }
}

internal sealed class RestPublisher(CrashRun run, Route route) : CrashPublisher("rest", run, route)
{
    protected override async Task StayAsync(Stay stay)
    {
        using var http = stay.Host.OpenHttp();
        while (await NextAsync(1) is [var id])
        {
            var call = http.PostTextAsync($"/v1/events/{CrashRun.Event}/messages", JsonSerializer.Serialize(new { id }));
            Sent(stay);
            var answer = await AskAsync(ReadAsync(call));
            Answered(stay, id, answer.TryGetProperty("duplicate", out var duplicate) && duplicate.GetBoolean());
        }
    }

    private static async Task<JsonElement> ReadAsync(Task<HttpResponseMessage> call)
    {
        using var response = await call;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
