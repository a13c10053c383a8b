using System.Net;
using System.Net.WebSockets;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Health.V1;

namespace EventBroker.FunctionalTests.Scenarios;

// What clients see when the broker stops.
public sealed class DrainTests
{
    [Fact]
    public async Task Draining_ends_every_stream_so_that_its_client_comes_back()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        await using var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");
        using var grpc = client.Subscribe(new SubscribeRequest { Event = "e" });
        await grpc.ResponseHeadersAsync;

        var stopped = host.StopAsync();

        Assert.Equal("retry", (await sse.ReadAsync())?.Name);
        Assert.Equal("error", (await sse.ReadAsync())?.Name);
        Assert.Null(await sse.ReadAsync());
        Assert.Equal("error", (await webSocket.ReadAsync())?.GetProperty("type").GetString());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await webSocket.ReadCloseAsync());
        var ended = await Assert.ThrowsAsync<RpcException>(() => grpc.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Unavailable, ended.StatusCode);
        await stopped;
    }

    [Fact]
    public async Task While_draining_the_broker_is_live_but_not_ready_and_refuses_subscriptions()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(host, "/healthz")).Status);
        Assert.Equal((HttpStatusCode.OK, "ready"), await GetAsync(host, "/readyz"));

        await host.Broker.DrainAsync(CancellationToken.None);

        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync(host, "/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), await GetAsync(host, "/readyz"));
        var health = new Health.HealthClient(host.OpenChannel());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Http.GetErrorAsync("/v1/events/e/stream")).Status);
        using var grpc = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => grpc.ResponseStream.MoveNext())).StatusCode);
    }

    [Fact]
    public async Task A_broker_that_is_told_to_stop_serves_on_for_a_while_and_is_not_ready()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.LameDuck = TimeSpan.FromSeconds(5));
        await host.Http.RegisterAsync("e");
        await using var before = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        var health = new Health.HealthClient(host.OpenChannel());

        var stopped = host.StopAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), await GetAsync(host, "/readyz"));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        await using var meanwhile = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        await host.Http.PublishAsync("e", "m");
        Assert.Equal("m", (await before.ReadMessageAsync()).GetProperty("id").GetString());
        Assert.Equal("m", (await meanwhile.ReadMessageAsync()).GetProperty("id").GetString());
        Assert.False(stopped.IsCompleted);

        host.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("retry", (await before.ReadAsync())?.Name);
        Assert.Equal("retry", (await meanwhile.ReadAsync())?.Name);
        await stopped;
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(BrokerHost host, string path)
    {
        using var response = await host.Http.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
