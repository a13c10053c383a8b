using System.Net;
using System.Net.WebSockets;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.FunctionalTests.RealClients;

// Two clients with one consumer id: the later one has it, and the earlier one does not win it back by coming back.
public sealed class TwoWithOneIdTests
{
    private const string Stream = "/v1/events/e/stream?consumer_id=c";
    private const string Socket = "/v1/events/e/subscribe?consumer_id=c";

    [Fact]
    public async Task An_EventSource_that_has_lost_its_id_is_ended_when_it_comes_back()
    {
        await using var host = await StartAsync();
        await using var first = NodeClient.Start("eventsource.mjs", host.HttpAddress + Stream[1..]);
        await first.ReadAsync("resumed", "open");
        await using var second = NodeClient.Start("eventsource.mjs", host.HttpAddress + Stream[1..]);
        await second.ReadAsync("resumed", "open");

        // First the end of its stream, then what it is answered when it comes back.
        await first.ReadAsync("fault");
        var end = await first.ReadAsync("fault");
        while (end.GetProperty("readyState").GetInt32() != 2)
        {
            end = await first.ReadAsync("fault");
        }

        Assert.Equal(409, end.GetProperty("status").GetInt32());
        await host.Http.PublishAsync("e", "m-1");
        Assert.Equal("m-1", (await second.ReadAsync("message")).GetProperty("id").GetString());
        Assert.Single(host.Warnings, static w => w.Contains("'c'", StringComparison.Ordinal) && w.Contains("127.0.0.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_browser_brings_along_that_it_has_lost_and_takes_the_id_back_only_if_it_asks_for_that()
    {
        await using var host = await StartAsync();
        await using var first = await SseClient.OpenAsync(host.Http, Stream);
        await first.ReadAsync();
        await using var second = await SseClient.OpenAsync(host.Http, Stream);
        await second.ReadAsync();

        var end = await first.ReadAsync();
        Assert.Equal(("error", "taken-over"), (end?.Name, end?.Id));
        Assert.Contains("\"code\":10,\"reason\":\"taken_over\"", end!.Data, StringComparison.Ordinal);
        using var back = new HttpRequestMessage(HttpMethod.Get, Stream) { Headers = { { "Last-Event-ID", end.Id } } };
        using var refused = await host.Http.SendAsync(back);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("takeover=true", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, (await host.Http.GetErrorAsync(Stream + "&wait=true&lastEventId=taken-over")).Status);

        // The same page loaded anew is another one, and so is one that asks for it.
        await using var reloaded = await SseClient.OpenAsync(host.Http, Stream);
        Assert.Equal("error", (await ReadPastResumedAsync(second))?.Name);
        await using var asked = await SseClient.OpenAsync(host.Http, Stream + "&takeover=true", "taken-over");
        Assert.Equal("error", (await ReadPastResumedAsync(reloaded))?.Name);
    }

    [Fact]
    public async Task A_WebSocket_client_that_knows_of_its_loss_is_refused_for_as_long_as_the_other_one_is_there()
    {
        await using var host = await StartAsync();
        await using var first = NodeClient.Start("ws.mjs", $"ws://{host.HttpAddress.Authority}{Socket}");
        await first.ReadAsync("resumed", "open");
        await using var second = await WebSocketClient.OpenAsync(host.HttpAddress, Socket);
        await second.ReadAsync();

        Assert.Equal("taken_over", (await first.ReadAsync("error")).GetProperty("reason").GetString());
        Assert.Equal(4000, (await first.ReadAsync("close")).GetProperty("code").GetInt32());
        await using (var back = NodeClient.Start("ws.mjs", $"ws://{host.HttpAddress.Authority}{Socket}"))
        {
            Assert.Equal(409, (await back.ReadAsync("refused")).GetProperty("status").GetInt32());
        }

        await second.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await host.Requests.FallToAsync(0);
        await using var alone = await WebSocketClient.OpenAsync(host.HttpAddress, Socket);
        Assert.Equal("exact", (await alone.ReadAsync())?.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_gRPC_client_that_comes_back_over_its_connection_is_refused_unless_it_asks_for_its_id()
    {
        await using var host = await StartAsync();
        var (first, second) = (new EventService.EventServiceClient(host.OpenChannel()), new EventService.EventServiceClient(host.OpenChannel()));
        var request = new SubscribeRequest { Event = "e", ConsumerId = "c" };
        using var loser = first.Subscribe(request);
        await loser.ResponseHeadersAsync;
        using var winner = second.Subscribe(request);
        await winner.ResponseHeadersAsync;
        var lost = await Assert.ThrowsAsync<RpcException>(() => loser.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.Aborted, "taken_over"), (lost.StatusCode, lost.Trailers.GetValue("eventbroker-refusal")));

        using var back = first.Subscribe(request);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(() => back.ResponseStream.MoveNext())).StatusCode);

        await host.Http.PublishAsync("e", "m-1");
        Assert.True(await winner.ResponseStream.MoveNext());
        using var asked = first.Subscribe(new SubscribeRequest(request) { Takeover = true });
        Assert.True(await asked.ResponseStream.MoveNext());
        Assert.Equal(("m-1", 1), (asked.ResponseStream.Current.Id, asked.ResponseStream.Current.RetryCount));
    }

    // Such as a client whose first connection is dead without the broker knowing.
    [Fact]
    public async Task Whoever_comes_from_a_new_connection_takes_the_id_as_before()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var client = new EventService.EventServiceClient(host.OpenChannel());
            using var call = client.Subscribe(new SubscribeRequest { Event = "e", ConsumerId = "c" });
            await call.ResponseHeadersAsync;
            await using var socket = await WebSocketClient.OpenAsync(host.HttpAddress, Socket);
            await socket.ReadAsync();
            await using var sse = await SseClient.OpenAsync(host.Http, Stream);
            await sse.ReadAsync();
        }

        Assert.Empty(host.Warnings);
    }

    [Fact]
    public async Task Workers_with_one_name_in_a_group_are_treated_alike()
    {
        await using var host = await StartAsync();
        const string Worker = Stream + "&delivery_mode=worker_pool&worker_group=g";
        await using var first = await SseClient.OpenAsync(host.Http, Worker);
        await first.ReadAsync();
        await using var second = await SseClient.OpenAsync(host.Http, Worker);

        Assert.Equal("taken-over", (await first.ReadAsync())?.Id);
        Assert.Equal(HttpStatusCode.Conflict, (await host.Http.GetErrorAsync(Worker + "&lastEventId=taken-over")).Status);
    }

    private static async Task<BrokerHost> StartAsync()
    {
        var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        return host;
    }

    private static async Task<SseEvent?> ReadPastResumedAsync(SseClient client)
    {
        var sent = await client.ReadAsync();
        return sent?.Name == "resumed" ? await client.ReadAsync() : sent;
    }
}
