using System.Net;
using System.Net.WebSockets;
using EventBroker.Endpoints;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Sdk.Authorization;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.FunctionalTests.RealClients;

// wait=true: a subscriber that must not be refused, since it would never come back, waits for its event.
public sealed class WaitingTests
{
    private static readonly StreamOptions Waiting = new() { Wait = true };

    // Where the clock goes faster than any client can answer.
    private static readonly Action<EventBrokerOptions> Unpinged = static o => o.PongTimeout = TimeSpan.Zero;

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task An_event_that_is_waited_for_is_delivered_from_its_first_message_on(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        var waits = WaitsAsync(host);
        var opening = StreamClient.OpenAsync(host, protocol, Waiting);
        await waits;

        await host.Http.RegisterAsync("e");
        await host.Http.PublishAsync("e", "m-1");

        await using var client = await opening;
        Assert.Equal("m-1", (await client.ReadAsync()).Id);
    }

    [Fact]
    public async Task A_browser_is_told_that_it_waits_and_where_its_subscription_begins()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        var waiting = await sse.ReadAsync();
        Assert.Equal(("waiting", """{"type":"waiting"}""", null), (waiting?.Name, waiting?.Data, waiting?.Id));

        await host.Http.RegisterAsync("e");

        var subscribed = await sse.ReadAsync();
        Assert.Equal(("subscribed", $$"""{"type":"subscribed","cursor":"{{subscribed?.Id}}"}"""), (subscribed?.Name, subscribed?.Data));
        Assert.NotNull(subscribed?.Id);

        // With that alone it comes back to everything.
        await host.Http.PublishAsync("e", "m-1");
        await using var back = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream", subscribed.Id);
        Assert.Contains("exact", (await back.ReadAsync())?.Data, StringComparison.Ordinal);
        Assert.Equal("m-1", (await back.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_stream_that_waits_carries_heartbeats()
    {
        await using var host = await BrokerHost.StartAsync(BrokerHost.Patient, Unpinged);
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        await using var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe?wait=true");
        await sse.ReadAsync();
        Assert.Equal("waiting", (await webSocket.ReadAsync())?.GetProperty("type").GetString());

        var (first, second) = (sse.ReadAsync(), webSocket.ReadAsync());
        await AdvanceUntilAsync(host, TimeSpan.FromSeconds(30), Task.WhenAll(first, second));

        Assert.Equal(":", (await first)?.Name);
        Assert.Equal("heartbeat", (await second)?.GetProperty("type").GetString());
    }

    // Nobody tells this broker of it.
    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task An_event_that_another_broker_registers_over_the_same_backend_is_found(StreamProtocol protocol)
    {
        using var meter = new System.Diagnostics.Metrics.Meter("Test");
        await using var shared = new MemoryTransport("memory", new MemorySettings(), TimeProvider.System, meter, NullLogger.Instance);
        await using var here = await BrokerHost.StartAsync(BrokerHost.Patient, Unpinged, transport: shared);
        await using var there = await BrokerHost.StartAsync(transport: shared);
        async Task<string> ReadAsync()
        {
            await using var client = await StreamClient.OpenAsync(here, protocol, Waiting with { StartFrom = "beginning" });
            return (await client.ReadAsync()).Id;
        }

        var three = Task.WhenAll(ReadAsync(), ReadAsync(), ReadAsync());
        await there.Http.RegisterAsync("e");
        await there.Http.PublishAsync("e", "m-1");
        await AdvanceUntilAsync(here, TimeSpan.FromSeconds(1), three);

        Assert.Equal(["m-1", "m-1", "m-1"], await three);
    }

    [Fact]
    public async Task An_event_that_is_registered_anew_is_waited_for_in_between()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = NodeClient.Start("eventsource.mjs", $"{host.HttpAddress}v1/events/e/stream?wait=true&auto_ack=true");
        await client.ReadAsync("subscribed", "open");

        using var gone = await host.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));
        await client.ReadAsync("waiting", "fault", "open");
        await host.Http.RegisterAsync("e");
        await host.Http.PublishAsync("e", "m-1");

        Assert.Equal("lost", (await client.ReadAsync("resumed", "fault", "open")).GetProperty("outcome").GetString());
        Assert.Equal("m-1", (await client.ReadAsync("message", "subscribed")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_drain_sends_those_that_wait_away_to_come_back_and_so_it_does_with_those_that_come()
    {
        await using var host = await BrokerHost.StartAsync();
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        await using var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe?wait=true");
        await sse.ReadAsync();
        await webSocket.ReadAsync();

        await host.Broker.DrainAsync(CancellationToken.None);

        await using var late = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        foreach (var client in new[] { sse, late })
        {
            Assert.Equal("retry", (await client.ReadAsync())?.Name);
            Assert.Contains("\"code\":14", (await client.ReadAsync())?.Data, StringComparison.Ordinal);
            Assert.Null(await client.ReadAsync());
        }

        Assert.Equal("error", (await webSocket.ReadAsync())?.GetProperty("type").GetString());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await webSocket.ReadCloseAsync());
        await host.Requests.FallToAsync(0);
    }

    [Fact]
    public async Task Whoever_goes_away_while_it_waits_is_forgotten()
    {
        await using var host = await BrokerHost.StartAsync();
        await using (var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true"))
        await using (var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe?wait=true"))
        {
            await sse.ReadAsync();
            await webSocket.ReadAsync();
            await webSocket.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }

        await host.Requests.FallToAsync(0);
    }

    [Fact]
    public async Task Waiting_ends_with_the_callers_identity()
    {
        await using var host = await BrokerHost.StartAsync();
        var end = host.Time.GetUtcNow().AddSeconds(10);
        host.Authorizer.Decide = request =>
        {
            request.Caller.ExpiresAt = end;
            return AuthorizationDecision.Allow;
        };
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        await sse.ReadAsync();

        var read = ReadErrorAsync();
        await AdvanceUntilAsync(host, TimeSpan.FromSeconds(1), read);

        Assert.Contains("\"code\":16", await read, StringComparison.Ordinal);

        async Task<string?> ReadErrorAsync()
        {
            while (true)
            {
                var sent = await sse.ReadAsync();
                if (sent?.Name != ":")
                {
                    return sent?.Data;
                }
            }
        }
    }

    [Fact]
    public async Task What_will_stay_wrong_is_refused_all_the_same()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        host.Authorizer.Decide = static r => r.EventName == "secret" ? AuthorizationDecision.Deny("no", "no") : AuthorizationDecision.Allow;

        Assert.Equal(HttpStatusCode.BadRequest, (await host.Http.GetErrorAsync("/v1/events/e/stream?wait=yes")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Http.GetErrorAsync("/v1/events/.e/stream?wait=true")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Http.GetErrorAsync("/v1/events/secret/stream?wait=true")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetErrorAsync("/v1/events/none/stream?wait=false")).Status);
    }

    // A page sees nothing of a refused upgrade.
    [Fact]
    public async Task A_WebSocket_that_waits_is_told_by_a_frame_why_it_is_refused()
    {
        await using var host = await BrokerHost.StartAsync();
        host.Authorizer.Decide = static _ => AuthorizationDecision.Deny("no", "no");
        await using var webSocket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe?wait=true");

        Assert.Equal(7, (await webSocket.ReadAsync())?.GetProperty("code").GetInt32());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await webSocket.ReadCloseAsync());
    }

    // It is asked for once, in vain, and again when the wait has begun.
    private static Task WaitsAsync(BrokerHost host)
    {
        var (asked, waits) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        host.Authorizer.Decide = request =>
        {
            if (request.Operation == BrokerOperation.Subscribe && ++asked == 2)
            {
                waits.SetResult();
            }

            return AuthorizationDecision.Allow;
        };
        return waits.Task;
    }

    // Whether the broker has come as far as to wait nobody sees, so its clock goes on until it has.
    private static async Task AdvanceUntilAsync(BrokerHost host, TimeSpan step, Task reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (!reached.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            host.Time.Advance(step);
            using var meanwhile = await host.Http.GetAsync(new Uri("/healthz", UriKind.Relative));
        }

        await reached;
    }
}
