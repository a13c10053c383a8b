using System.Net;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Crash;

namespace EventBroker.FunctionalTests.Scenarios;

// A broker whose events another one keeps, which dies and comes back.
public sealed class FrontTests
{
    private const int Streams = 50;
    private const string Message = """{"payload":"bQ==","id":"m"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Fifty_streams_outlive_the_broker_behind_and_its_publishers_hear_that_it_is_away()
    {
        await using var behind = new BrokerProcess();
        await using var front = new BrokerProcess(
            transport: $$"""{ "plugin": "remote", "settings": { "address": "{{behind.Address.OriginalString}}" } }""");
        await behind.StartAsync();
        await front.StartAsync();
        await using var served = new ServedBroker(front);
        await served.Http.RegisterAsync("e");
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => SseClient.OpenAsync(served.Http, "/v1/events/e/stream")));
        await served.Http.PublishAsync("e", "before");
        await EachReadsAsync(streams, "before");

        await behind.StopAsync();
        using (var refused = await served.Http.PostTextAsync("/v1/events/e/messages", Message))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        await behind.StartAsync();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await served.Http.PostTextAsync("/v1/events/e/messages", Message);
            if (answer.IsSuccessStatusCode)
            {
                break;
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "the front does not find the broker behind it again");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        await EachReadsAsync(streams, "m");
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private static Task EachReadsAsync(SseClient[] streams, string id) => Task.WhenAll(streams.Select(async s =>
        Assert.Equal(id, (await s.ReadMessageAsync()).GetProperty("id").GetString())));
}
