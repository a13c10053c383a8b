using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using EventBroker.Transport.Remote.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests;

// Two subscribers with one consumer id, where another broker keeps its place.
public sealed class TakeoverTests
{
    private static readonly SubscribeRequest Request = new() { Event = "e", ConsumerId = "c" };

    [Fact]
    public async Task Whoever_loses_an_id_in_front_of_a_broker_is_told_so_on_every_protocol()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("e");
        using var grpc = await OpenAsync(pair.Front);
        await using var sse = await SseClient.OpenAsync(pair.Front.Http, "/v1/events/e/stream?consumer_id=c");
        await using var webSocket = await WebSocketClient.OpenAsync(pair.Front.HttpAddress, "/v1/events/e/subscribe?consumer_id=c");
        using var winner = await OpenAsync(pair.Front);

        await AssertLostAsync(grpc);
        Assert.Equal("taken_over", await ReasonAsync(async () => (await sse.ReadAsync())?.Data));
        Assert.Equal("taken_over", await ReasonAsync(async () => (await webSocket.ReadAsync())?.GetRawText()));
        await pair.Front.Http.PublishAsync("e", "m-1");
        Assert.True(await winner.ResponseStream.MoveNext());
    }

    // The broker behind knows all of a front's subscribers by one connection.
    [Fact]
    public async Task An_id_that_one_front_has_lost_to_another_goes_to_whoever_comes_next()
    {
        await using var pair = await BrokerPair.StartAsync();
        await using var transport = await RemoteTransports.StartAsync(pair.Behind.GrpcAddress);
        await using var other = await BrokerHost.StartAsync(transport: transport);
        await pair.Front.Http.RegisterAsync("e");
        using var first = await OpenAsync(pair.Front);

        using var second = await OpenAsync(other);
        await AssertLostAsync(first);
        using var third = await OpenAsync(pair.Front);
        await AssertLostAsync(second);

        await other.Http.PublishAsync("e", "m-1");
        Assert.True(await third.ResponseStream.MoveNext());
    }

    private static async Task<AsyncServerStreamingCall<Message>> OpenAsync(BrokerHost host)
    {
        var call = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(Request);
        await call.ResponseHeadersAsync;
        return call;
    }

    private static async Task AssertLostAsync(AsyncServerStreamingCall<Message> call)
    {
        var lost = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.Aborted, "taken_over"), (lost.StatusCode, lost.Trailers.GetValue("eventbroker-refusal")));
    }

    // Past what comes before the end.
    private static async Task<string?> ReasonAsync(Func<Task<string?>> read)
    {
        while (await read() is { } text)
        {
            using var document = System.Text.Json.JsonDocument.Parse(text.Length == 0 ? "{}" : text);
            if (document.RootElement.TryGetProperty("reason", out var reason))
            {
                return reason.GetString();
            }
        }

        return null;
    }
}
