using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Sdk.Tests.Transports.Bare;

namespace EventBroker.FunctionalTests.RealClients;

// How browsers and the libraries in their place bring along where they were.
public sealed class ResumingTests
{
    // Of a system that was behind the same address before.
    private const string Foreign = "legacy-4711";

    public static TheoryData<StreamProtocol, string> Spellings
    {
        get
        {
            var data = new TheoryData<StreamProtocol, string>();
            foreach (var protocol in new[] { StreamProtocol.Sse, StreamProtocol.WebSocket })
            {
                foreach (var query in new[]
                {
                    "last_event_id={0}", "lastEventId={0}", "lastEventID={0}", "Last-Event-ID={0}", "lastEventId={0}&_=1700000000000",
                    "lastEventId=" + Foreign + "&lastEventId={0}", "Last-Event-ID=" + Foreign + "&last_event_id={0}", "lastEventId={0}&lastEventId=",
                    "_=1&_=2&start_from=latest&lastEventId={0}",
                })
                {
                    data.Add(protocol, query);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task A_place_in_the_query_is_understood_however_it_is_spelled(StreamProtocol protocol, string query)
    {
        await using var host = await BrokerHost.StartAsync();
        var cursor = await PublishTwoAsync(host);

        await using var client = await StreamClient.OpenAsync(host, protocol, new StreamOptions { Extra = query.Replace("{0}", cursor, StringComparison.Ordinal) });

        Assert.Equal("m-2", (await client.ReadAsync()).Id);
        Assert.Equal("exact", client.Resumed);
    }

    [Fact]
    public async Task The_header_goes_before_the_query()
    {
        await using var host = await BrokerHost.StartAsync();
        var cursor = await PublishTwoAsync(host);

        await using var sse = await SseClient.OpenAsync(host.Http, $"/v1/events/e/stream?lastEventId={Foreign}", cursor);

        Assert.Contains("exact", (await sse.ReadAsync())?.Data, StringComparison.Ordinal);
        Assert.Equal("m-2", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(StreamProtocol.Sse, Foreign)]
    [InlineData(StreamProtocol.Sse, "17")]
    [InlineData(StreamProtocol.Sse, "0-fffffff")]
    [InlineData(StreamProtocol.Sse, "grüße, 今日は")]
    [InlineData(StreamProtocol.WebSocket, Foreign)]
    public async Task An_id_of_another_system_is_a_lost_place_and_everything_retained_comes(StreamProtocol protocol, string id)
    {
        await using var host = await BrokerHost.StartAsync();
        await PublishTwoAsync(host);

        await using var client = await StreamClient.OpenAsync(
            host, protocol, new StreamOptions { Extra = $"start_from=latest&lastEventId={Uri.EscapeDataString(id)}" });

        Assert.Equal("m-1", (await client.ReadAsync()).Id);
        Assert.Equal("lost", client.Resumed);
    }

    [Fact]
    public async Task An_id_that_is_longer_than_any_cursor_is_a_lost_place_too()
    {
        await using var host = await BrokerHost.StartAsync();
        await PublishTwoAsync(host);

        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream", new string('x', 3000));

        Assert.Contains("lost", (await sse.ReadAsync())?.Data, StringComparison.Ordinal);
    }

    // Its place is kept by the broker, whatever the browser remembers.
    [Fact]
    public async Task A_consumer_id_goes_on_from_its_own_place_whatever_id_comes_with_it()
    {
        await using var host = await BrokerHost.StartAsync();
        await PublishTwoAsync(host);
        await using (var first = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { Extra = $"consumer_id=c&lastEventId={Foreign}" }))
        {
            var message = await first.ReadAsync();
            Assert.Equal(("m-1", "lost"), (message.Id, first.Resumed));
            await first.SettleAsync(message.AckId);
        }

        await using var second = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { Extra = $"consumer_id=c&lastEventId={Foreign}" });
        Assert.Equal("m-2", (await second.ReadAsync()).Id);
        Assert.Equal("kept", second.Resumed);
    }

    [Theory]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_worker_group_goes_on_from_its_own_place_whatever_id_comes_with_it(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await PublishTwoAsync(host);
        var options = new StreamOptions { Extra = $"delivery_mode=worker_pool&start_from=beginning&lastEventId={Foreign}" };
        await using (var first = await StreamClient.OpenAsync(host, protocol, options))
        {
            var message = await first.ReadAsync();
            Assert.Equal(("m-1", "new"), (message.Id, first.Resumed));
            await first.SettleAsync(message.AckId);
        }

        await using var second = await StreamClient.OpenAsync(host, protocol, options);
        Assert.Equal("m-2", (await second.ReadAsync()).Id);
        Assert.Equal("kept", second.Resumed);
    }

    [Fact]
    public async Task A_transport_that_keeps_nothing_says_lost()
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");

        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream", "0-1");

        Assert.Contains("lost", (await sse.ReadAsync())?.Data, StringComparison.Ordinal);
        await host.Http.PublishAsync("e", "m-1");
        Assert.Equal("m-1", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
    }

    // Whoever writes it has a reason to know whether it is right.
    [Fact]
    public async Task A_wrong_resume_after_is_still_refused()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        Assert.Equal(HttpStatusCode.BadRequest, (await host.Http.GetErrorAsync($"/v1/events/e/stream?resume_after={Foreign}")).Status);
    }

    [Fact]
    public async Task The_npm_package_eventsource_comes_back_to_its_place_and_is_not_stopped_by_an_id_of_another_system()
    {
        await using var host = await BrokerHost.StartAsync();
        var cursor = await PublishTwoAsync(host);
        var address = $"{host.HttpAddress}v1/events/e/stream?auto_ack=true";
        await using var back = NodeClient.Start("eventsource.mjs", address, cursor);
        await using var stranger = NodeClient.Start("eventsource.mjs", address, Foreign);

        Assert.Equal("exact", (await back.ReadAsync("resumed", "open")).GetProperty("outcome").GetString());
        Assert.Equal("m-2", (await back.ReadAsync("message")).GetProperty("id").GetString());
        Assert.Equal("lost", (await stranger.ReadAsync("resumed", "open")).GetProperty("outcome").GetString());
        Assert.Equal("m-1", (await stranger.ReadAsync("message")).GetProperty("id").GetString());
    }

    // Returns the cursor of the first.
    private static async Task<string> PublishTwoAsync(BrokerHost host)
    {
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, StreamProtocol.Grpc);
        await host.Http.PublishAsync("e", "m-1");
        await host.Http.PublishAsync("e", "m-2");
        return (await client.ReadAsync()).Cursor;
    }
}
