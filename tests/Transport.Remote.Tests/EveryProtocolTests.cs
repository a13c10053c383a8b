using System.Text;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Event.V1;
using EventBroker.Transport.Remote.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests;

// What works with a broker works with one that stands before it.
public sealed class EveryProtocolTests
{
    [Fact]
    public async Task A_message_published_by_gRPC_in_front_reaches_every_protocol_in_front_and_behind()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("order.created");
        await using var sse = await SseClient.OpenAsync(pair.Front.Http, "/v1/events/order.created/stream");
        await using var webSocket = await WebSocketClient.OpenAsync(pair.Front.HttpAddress, "/v1/events/order.created/subscribe");
        await using var behind = await SseClient.OpenAsync(pair.Behind.Http, "/v1/events/order.created/stream");
        var client = new EventService.EventServiceClient(pair.Front.OpenChannel());
        using var grpc = client.Subscribe(new SubscribeRequest { Event = "order.created" });
        await grpc.ResponseHeadersAsync;

        await client.PublishAsync(
            new PublishRequest
            {
                Event = "order.created",
                Id = "m-1",
                Payload = Google.Protobuf.ByteString.CopyFromUtf8("hello"),
                Metadata = { ["k"] = "v" },
            },
            new Metadata { { "x-source", "shop" } });

        Assert.True(await grpc.ResponseStream.MoveNext());
        foreach (var seen in new[] { await sse.ReadMessageAsync(), await webSocket.ReadMessageAsync(), await behind.ReadMessageAsync() })
        {
            Assert.Equal("m-1", seen.GetProperty("id").GetString());
            Assert.Equal("hello", Encoding.UTF8.GetString(seen.GetProperty("payload").GetBytesFromBase64()));
            Assert.Equal("shop", seen.GetProperty("source").GetString());
            Assert.Equal("v", Assert.Single(seen.GetProperty("metadata").EnumerateObject()).Value.GetString());
        }

        Assert.Equal("shop", grpc.ResponseStream.Current.Source);
        Assert.NotEmpty(grpc.ResponseStream.Current.Cursor);
        Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(grpc.ResponseStream.Current.AckId));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("websocket")]
    [InlineData("sse")]
    public async Task A_nacked_message_comes_back_and_an_acked_one_does_not(string protocol)
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("jobs");
        await using var subscriber = await FrontSubscriber.OpenAsync(pair.Front, protocol, "jobs");
        await pair.Front.Http.PublishAsync("jobs", "m-1");

        var (id, retries, ackId) = await subscriber.ReadAsync();
        Assert.Equal(("m-1", 0), (id, retries));
        Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(ackId, "try again"));
        pair.Behind.Time.Advance(TimeSpan.FromSeconds(1));
        (id, retries, ackId) = await subscriber.ReadAsync();
        Assert.Equal(("m-1", 1), (id, retries));
        Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(ackId));

        await pair.Front.Http.PublishAsync("jobs", "m-2");
        Assert.Equal("m-2", (await subscriber.ReadAsync()).Id);
    }

    [Fact]
    public async Task A_batch_tells_of_each_message_what_became_of_it()
    {
        await using var pair = await BrokerPair.StartAsync(limitsBehind: static l => l.MaxMetadataEntries = 1);
        await pair.Front.Http.RegisterAsync("e");
        var client = new Protos.Broker.V1.BrokerService.BrokerServiceClient(pair.Front.OpenChannel());
        var request = new Protos.Broker.V1.PublishBatchRequest
        {
            Messages =
            {
                new Protos.Broker.V1.PublishItem { Event = "e", Id = "right" },
                new Protos.Broker.V1.PublishItem { Event = "e", Id = "wrong", Metadata = { ["a"] = "1", ["b"] = "2" } },
            },
        };

        var response = await client.PublishBatchAsync(request);

        var failure = Assert.Single(response.Failures);
        Assert.Equal((1, (int)StatusCode.InvalidArgument), ((int)failure.Index, failure.Code));
        Assert.Contains("metadata", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_has_the_code_and_the_words_of_the_broker_behind()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("e");

        using var again = await pair.Front.Http.PostAsync(new Uri("/v1/events/e", UriKind.Relative), null);
        Assert.Equal((System.Net.HttpStatusCode.Conflict, 6, "event already registered"), await RestClient.ErrorOfAsync(again));
        Assert.Equal(
            (System.Net.HttpStatusCode.NotFound, 5, "event not registered"), await pair.Front.Http.GetErrorAsync("/v1/events/none/stream"));
    }

    [Fact]
    public async Task A_stream_ends_when_its_event_is_unregistered_behind()
    {
        await using var pair = await BrokerPair.StartAsync();
        await pair.Front.Http.RegisterAsync("e");
        using var grpc = new EventService.EventServiceClient(pair.Front.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        await grpc.ResponseHeadersAsync;

        using var deleted = await pair.Behind.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));

        var end = await Assert.ThrowsAsync<RpcException>(() => grpc.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Aborted, end.StatusCode);
    }

    [Fact]
    public async Task More_in_flight_than_the_broker_behind_allows_is_cut_down_to_that()
    {
        await using var pair = await BrokerPair.StartAsync(limitsBehind: static l => l.MaxInFlight = 2);
        await pair.Front.Http.RegisterAsync("jobs");
        await using var subscriber = await FrontSubscriber.OpenAsync(pair.Front, "grpc", "jobs");
        for (var i = 0; i < 5; i++)
        {
            await pair.Front.Http.PublishAsync("jobs", $"m-{i}");
        }

        for (var i = 0; i < 5; i++)
        {
            var (id, _, ackId) = await subscriber.ReadAsync();
            Assert.Equal($"m-{i}", id);
            Assert.Equal("ACK_RESULT_SETTLED", await pair.Front.Http.SettleAsync(ackId));
        }
    }
}
