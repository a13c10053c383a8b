using System.Net;
using System.Net.WebSockets;
using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.WebSockets;

public sealed class WebSocketTests
{
    private const string Path = "/v1/events/e/subscribe";

    [Fact]
    public async Task A_client_settles_and_nacks_and_gets_the_results_it_asks_for()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);
        await host.Http.PublishAsync("e", "m-1");

        var ackId = (await client.ReadMessageAsync()).GetProperty("ack_id").GetString();
        await client.SendAsync($$"""{"type":"ack","ack_id":"{{ackId}}","error":"processing failed","results":true}""");
        Assert.Equal("settled", (await client.ReadAsync())?.GetProperty("result").GetString());
        host.Time.Advance(new BrokerOptions().NackDelay);
        var again = await client.ReadMessageAsync();
        Assert.Equal(1, again.GetProperty("retry_count").GetInt32());

        ackId = again.GetProperty("ack_id").GetString();
        await client.SendAsync($$"""{"type":"ack","ack_id":"{{ackId}}","extend":"60s","results":true}""");
        await client.SendAsync($$"""{"type":"ack","ack_id":"{{ackId}}","results":true}""");
        await client.SendAsync($$"""{"type":"ack","ack_id":"{{ackId}}","results":true}""");
        await client.SendAsync($$"""{"type":"ack","ack_id":"x","nack_delay":"5s","results":true}""");
        foreach (var result in new[] { "settled", "settled", "expired", "invalid" })
        {
            var answer = await client.ReadAsync();
            Assert.Equal("ack_result", answer?.GetProperty("type").GetString());
            Assert.Equal(result, answer?.GetProperty("result").GetString());
        }
    }

    [Theory]
    [InlineData("", "invalid JSON: syntax error at line 1, byte 1")]
    [InlineData("{bad", "invalid JSON: syntax error at line 1, byte 2")]
    [InlineData("[]", "invalid JSON: a frame must be an object")]
    [InlineData("{}", "invalid JSON: a frame needs a type; allowed: ack")]
    [InlineData("""{"type":"ack","type":"ack"}""", "invalid JSON: type is given twice")]
    [InlineData("""{"type":"ack","results":true,"results":true}""", "invalid JSON: results is given twice")]
    [InlineData("""{"type":"nack"}""", "unknown type of frame; allowed: ack")]
    [InlineData("""{"type":"ack","ack_id":5}""", "invalid JSON: ack_id must be a string")]
    [InlineData("""{"type":"ack","extend":"soon"}""", "invalid JSON: extend must be a duration such as 90s, 5m, 1h30m or 250ms")]
    public async Task A_bad_frame_is_answered_with_an_error_that_names_the_fault_and_the_connection_stays(string frame, string error)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        await client.SendAsync(frame);

        var answer = await client.ReadAsync();
        Assert.Equal(("error", error), (answer?.GetProperty("type").GetString(), answer?.GetProperty("error").GetString()));
        await host.Http.PublishAsync("e", "m-1");
        await client.ReadMessageAsync();
    }

    [Fact]
    public async Task A_binary_frame_and_an_empty_one_are_answered_with_an_error_and_the_connection_stays()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        await client.Socket.SendAsync("{}"u8.ToArray(), WebSocketMessageType.Binary, true, CancellationToken.None);
        await client.SendAsync("");
        await client.SendAsync("""{"type":"ack","ack_id":"x","results":true}""");

        Assert.Equal("frames are text, in JSON", (await client.ReadAsync())?.GetProperty("error").GetString());
        Assert.Equal("invalid JSON: syntax error at line 1, byte 1", (await client.ReadAsync())?.GetProperty("error").GetString());
        Assert.Equal("unknown", (await client.ReadAsync())?.GetProperty("result").GetString());
    }

    // More than is read at once, with a field of a later contract, and an ack id that says nothing.
    [Theory]
    [InlineData("\"ack_id\":\"x\",", "x")]
    [InlineData("", "")]
    public async Task A_long_frame_is_read_to_its_end(string ackId, string told)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        await client.SendAsync($$"""{"type":"ack",{{ackId}}"later":{"contract":["{{new string('x', 10_000)}}"]},"results":true}""");

        var answer = await client.ReadAsync();
        Assert.Equal(("ack_result", told, "unknown"), (
            answer?.GetProperty("type").GetString(), answer?.GetProperty("ack_id").GetString(), answer?.GetProperty("result").GetString()));
    }

    [Fact]
    public async Task Whoever_is_ready_to_wait_is_told_when_it_is_subscribed_and_where()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await host.Http.PublishAsync("e", "m-1");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path + "?wait=true");

        var told = await client.ReadAsync();
        Assert.Equal("subscribed", told?.GetProperty("type").GetString());
        await host.Http.PublishAsync("e", "m-2");

        // Another that begins there misses nothing.
        await using var second = await WebSocketClient.OpenAsync(
            host.HttpAddress, Path + "?resume_after=" + Uri.EscapeDataString(told?.GetProperty("cursor").GetString()!));
        Assert.Equal("exact", (await second.ReadAsync())?.GetProperty("outcome").GetString());
        Assert.Equal("m-2", (await second.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_frame_over_32_KiB_closes_the_connection_with_1009()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        await client.SendAsync("{\"type\":\"ack\",\"x\":\"" + new string('x', 32 * 1024) + "\"}");

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.ReadCloseAsync());
    }

    [Fact]
    public async Task A_close_by_the_client_is_answered()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);

        Assert.Equal(WebSocketState.Closed, client.Socket.State);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task A_quiet_connection_carries_heartbeats()
    {
        await using var host = await BrokerHost.StartAsync(BrokerHost.Patient);
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path + "?auto_ack=true");
        await host.Http.PublishAsync("e", "m-1");
        await client.ReadMessageAsync();

        var sign = await host.BeatAsync(TimeSpan.FromSeconds(30), client.ReadAsync());

        Assert.Equal("heartbeat", sign?.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Unregistering_the_event_closes_with_a_code_of_its_own()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var client = await WebSocketClient.OpenAsync(host.HttpAddress, Path);

        using var response = await host.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));

        var told = await client.ReadAsync();
        Assert.Equal("error", told?.GetProperty("type").GetString());
        Assert.Equal((WebSocketCloseStatus)4000, await client.ReadCloseAsync());
        Assert.Equal(told?.GetProperty("error").GetString(), client.Socket.CloseStatusDescription);
    }

    [Theory]
    [InlineData("/v1/events/none/subscribe", HttpStatusCode.NotFound)]
    [InlineData("/v1/events/e/subscribe?start_from=middle", HttpStatusCode.BadRequest)]
    [InlineData("/v1/events/e/subscribe?unknown=1", HttpStatusCode.BadRequest)]
    public async Task What_is_wrong_is_told_before_the_upgrade(string path, HttpStatusCode status)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        Assert.Equal(status, await RefusalAsync(host, path));
    }

    [Fact]
    public async Task Without_an_upgrade_the_answer_is_426_and_for_another_method_405()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        Assert.Equal(
            (HttpStatusCode.UpgradeRequired, 9, "this is a WebSocket: connect with an upgrade, or use /stream for server-sent events"),
            await host.Http.GetErrorAsync(Path));
        using var response = await host.Http.PostTextAsync(Path, "");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, 12, "method not allowed; allowed here: GET"), await RestClient.ErrorOfAsync(response));
        Assert.Equal("GET", response.Content.Headers.Allow.Single());
        using var plain = await host.Http.GetAsync(new Uri(Path, UriKind.Relative));
        Assert.Equal("websocket", plain.Headers.Upgrade.Single().Name);
    }

    [Fact]
    public async Task A_foreign_page_is_refused_unless_its_origin_is_configured()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add("https://friend.example"));
        await host.Http.RegisterAsync("e");

        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync(host, Path, "https://stranger.example"));
        await using var friend = await WebSocketClient.OpenAsync(host.HttpAddress, Path, static o => o.SetRequestHeader("Origin", "https://friend.example"));
        await using var own = await WebSocketClient.OpenAsync(
            host.HttpAddress, Path, o => o.SetRequestHeader("Origin", host.HttpAddress.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(WebSocketState.Open, own.Socket.State);
    }

    [Fact]
    public async Task A_WebSocket_over_HTTP_2_works_as_well()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var handler = new SocketsHttpHandler();
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        await socket.ConnectAsync(new Uri($"ws://{host.GrpcAddress.Authority}{Path}"), invoker, CancellationToken.None);

        await host.Http.PublishAsync("e", "m-1");
        var buffer = new byte[1024];
        var result = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Contains("m-1", System.Text.Encoding.UTF8.GetString(buffer, 0, result.Count), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> RefusalAsync(BrokerHost host, string path, string? origin = null)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{host.HttpAddress.Authority}{path}"), CancellationToken.None));
        return socket.HttpStatusCode;
    }
}
