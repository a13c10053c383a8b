using System.Text;
using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// What a newcomer tries first.
public sealed class EveryProtocolTests
{
    [Fact]
    public async Task A_message_published_by_REST_reaches_SSE_WebSocket_and_gRPC()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("order.created");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/order.created/stream");
        await using var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/order.created/subscribe");
        using var grpc = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(new SubscribeRequest { Event = "order.created" });
        await grpc.ResponseHeadersAsync;

        var id = await host.Http.PublishAsync("order.created", "", "hello");

        var overSse = await sse.ReadMessageAsync();
        Assert.Equal(id, overSse.GetProperty("id").GetString());
        Assert.Equal("hello", Encoding.UTF8.GetString(overSse.GetProperty("payload").GetBytesFromBase64()));
        Assert.Equal("remote", overSse.GetProperty("source").GetString());
        Assert.Equal("2026-01-02T03:04:05Z", overSse.GetProperty("timestamp").GetString());
        Assert.False(overSse.TryGetProperty("metadata", out _));
        Assert.False(overSse.TryGetProperty("retry_count", out _));
        var overWebSocket = await webSocket.ReadMessageAsync();
        Assert.Equal(id, overWebSocket.GetProperty("id").GetString());
        Assert.NotEqual(overSse.GetProperty("ack_id").GetString(), overWebSocket.GetProperty("ack_id").GetString());
        Assert.True(await grpc.ResponseStream.MoveNext());
        var overGrpc = grpc.ResponseStream.Current;
        Assert.Equal(id, overGrpc.Id);
        Assert.Equal("hello", overGrpc.Payload.ToStringUtf8());
        Assert.Equal("remote", overGrpc.Source);
        Assert.NotEmpty(overGrpc.Cursor);
        Assert.Equal(host.Time.GetUtcNow(), overGrpc.Timestamp.ToDateTimeOffset());

        Assert.Equal("ACK_RESULT_SETTLED", await host.Http.SettleAsync(overSse.GetProperty("ack_id").GetString()!));
        Assert.Equal("ACK_RESULT_EXPIRED", await host.Http.SettleAsync(overSse.GetProperty("ack_id").GetString()!));
        Assert.Equal("ACK_RESULT_SETTLED", await host.Http.SettleAsync(overGrpc.AckId));
        Assert.Equal("ACK_RESULT_UNKNOWN", await host.Http.SettleAsync("nonsense"));
    }

    [Fact]
    public async Task A_nacked_message_comes_back_with_retry_count_one()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        await host.Http.PublishAsync("e", "m-1");

        var first = await sse.ReadMessageAsync();
        await host.Http.SettleAsync(first.GetProperty("ack_id").GetString()!, "try again");
        host.Time.Advance(new BrokerOptions().NackDelay);

        var second = await sse.ReadMessageAsync();
        Assert.Equal("m-1", second.GetProperty("id").GetString());
        Assert.Equal(1, second.GetProperty("retry_count").GetInt32());
        Assert.NotEqual(first.GetProperty("ack_id").GetString(), second.GetProperty("ack_id").GetString());
    }

    // Of 200 it takes one at a time, and 10 are kept.
    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task What_a_slow_subscriber_has_missed_is_told_with_the_next_message(StreamProtocol protocol)
    {
        const int All = 200;
        await using var host = await BrokerHost.StartAsync(memory: static m => m.MaxMessagesPerEvent = 10);
        await host.Http.RegisterAsync("e");
        await using var client = await StreamClient.OpenAsync(host, protocol, new StreamOptions { MaxInFlight = 1 });
        for (var i = 0; i < All; i++)
        {
            await host.PublishAsync("e", $"{i}", new byte[1]);
        }

        var (count, gaps) = (0L, 0);
        while (count < All)
        {
            var message = await client.ReadAsync();
            count += message.Missed;
            gaps += message.Missed > 0 ? 1 : 0;
            Assert.Equal($"{count++}", message.Id);
            Assert.Equal("settled", await client.SettleAsync(message.AckId));
        }

        Assert.NotEqual(0, gaps);
    }

    [Fact]
    public async Task A_killed_subscribers_unsettled_messages_go_to_the_other_worker_of_its_group()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("jobs");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var killed = client.Subscribe(new SubscribeRequest { Event = "jobs", DeliveryMode = DeliveryMode.WorkerPool });
        await killed.ResponseHeadersAsync;
        await host.Http.PublishAsync("jobs", "m-1");
        Assert.True(await killed.ResponseStream.MoveNext());

        await using var other = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/jobs/subscribe?delivery_mode=worker_pool");
        killed.Dispose();

        var message = await other.ReadMessageAsync();
        Assert.Equal("m-1", message.GetProperty("id").GetString());
        Assert.Equal(1, message.GetProperty("retry_count").GetInt32());
    }

    [Fact]
    public async Task Everything_is_refused_where_the_authorizer_denies()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        host.Authorizer.Decide = static _ => Sdk.Authorization.AuthorizationDecision.Deny("test", "not today");
        var client = new EventService.EventServiceClient(host.OpenChannel());

        Assert.Equal((System.Net.HttpStatusCode.Forbidden, 7, "not today"), await host.Http.GetErrorAsync("/v1/events/e/stream"));
        var publish = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishAsync(new PublishRequest { Event = "e" }));
        Assert.Equal((StatusCode.PermissionDenied, "not today"), (publish.StatusCode, publish.Status.Detail));
        using var subscribe = client.Subscribe(new SubscribeRequest { Event = "e" });
        var refused = await Assert.ThrowsAsync<RpcException>(() => subscribe.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => socket.ConnectAsync(new Uri($"ws://{host.HttpAddress.Authority}/v1/events/e/subscribe"), CancellationToken.None));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }
}
