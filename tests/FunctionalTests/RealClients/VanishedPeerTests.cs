using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.FunctionalTests.RealClients;

// Clients that are gone without a word are found, and those that are only quiet stay.
public sealed class VanishedPeerTests
{
    private const string Ack = """{"type":"ack","ack_id":"x","results":true}""";

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pong = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_WebSocket_client_that_answers_no_ping_is_cut()
    {
        await using var host = await StartAsync();
        await using var client = NodeClient.Start("ws.mjs", Address(host), "no");
        await client.ReadAsync("open");

        await AdvanceUntilGoneAsync(host);

        await client.ReadAsync("ping", "heartbeat");
        Assert.Equal(1006, (await client.ReadAsync("close", "ping", "heartbeat")).GetProperty("code").GetInt32());
    }

    // It reads nothing, and so answers nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_WebSocket_client_that_has_stopped_is_cut_over_both_versions_of_HTTP(bool isHttp2)
    {
        await using var host = await StartAsync();
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var server = isHttp2 ? host.GrpcAddress : host.HttpAddress;
        await socket.ConnectAsync(new Uri($"ws://{server.Authority}/v1/events/e/subscribe"), invoker, CancellationToken.None);

        await AdvanceUntilGoneAsync(host);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    public async Task A_WebSocket_client_that_answers_or_says_anything_else_stays(string autoPong)
    {
        await using var host = await StartAsync();
        await using var client = NodeClient.Start("ws.mjs", Address(host), autoPong);
        await BeginAsync(client);
        for (var i = 0; i < 3; i++)
        {
            await host.BeatAsync(Beat - (i == 0 ? TimeSpan.Zero : Pong), client.ReadAsync("ping", "heartbeat"));

            // What comes behind the pong has been read, so the pong has.
            await client.SendAsync(Ack);
            await client.ReadAsync("ack_result");
            host.Time.Advance(Pong);
        }

        await host.Http.PublishAsync("e", "m-1");
        Assert.Equal("m-1", (await client.ReadAsync("message", "heartbeat", "ping")).GetProperty("id").GetString());
    }

    // Stopped, swapped out or without a core, it may not have read what has come.
    [Fact]
    public async Task A_broker_that_stood_still_looks_once_more_before_it_takes_a_client_for_gone()
    {
        await using var host = await StartAsync();
        await using var client = NodeClient.Start("ws.mjs", Address(host), "no");
        await BeginAsync(client);
        await host.BeatAsync(Beat, client.ReadAsync("ping", "heartbeat"));

        host.Time.Advance(Pong + TimeSpan.FromSeconds(5));

        await client.SendAsync(Ack);
        await client.ReadAsync("ack_result");
    }

    [Fact]
    public async Task Without_a_pong_timeout_nobody_is_pinged()
    {
        await using var host = await StartAsync(static o => o.PongTimeout = TimeSpan.Zero);
        await using var client = NodeClient.Start("ws.mjs", Address(host) + "?auto_ack=true", "no");
        await client.ReadAsync("open");
        await host.Http.PublishAsync("e", "m-1");
        await client.ReadAsync("message");

        for (var i = 0; i < 2; i++)
        {
            await host.BeatAsync(Beat, client.ReadAsync("heartbeat"));
        }
    }

    // Far too little to fill the buffers in between, so that only the system sees that nobody takes it. In its time, which is not the test's.
    [Theory]
    [InlineData("stream", "")]
    [InlineData("subscribe", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    public async Task A_stream_whose_bytes_nobody_takes_is_ended(string path, string headers)
    {
        await using var host = await StartAsync(static o => (o.WriteTimeout, o.PongTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.Zero));
        using var client = new TcpClient { ReceiveBufferSize = 1 };
        await client.ConnectAsync(host.HttpAddress.Host, host.HttpAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/events/e/{path}?auto_ack=true HTTP/1.1\r\nHost: {host.HttpAddress.Authority}\r\n{headers}\r\n"));
        Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1]));

        for (var i = 0; i < 20; i++)
        {
            await host.PublishAsync("e", "m-" + i, new byte[1024]);
        }

        await host.Requests.FallToAsync(0);
    }

    [Fact]
    public async Task A_gRPC_client_that_knows_heartbeats_gets_empty_messages_on_a_quiet_stream()
    {
        await using var host = await StartAsync();
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var knows = client.Subscribe(new SubscribeRequest { Event = "e", AutoAck = true, Heartbeat = true });
        using var other = client.Subscribe(new SubscribeRequest { Event = "e", AutoAck = true });
        await knows.ResponseHeadersAsync;
        await other.ResponseHeadersAsync;
        await host.Http.PublishAsync("e", "m-1");
        await ExpectAsync(knows, "m-1");
        await ExpectAsync(other, "m-1");

        Assert.True(await host.BeatAsync(Beat, knows.ResponseStream.MoveNext()));
        Assert.Equal(new Message(), knows.ResponseStream.Current);
        await host.Http.PublishAsync("e", "m-2");
        await ExpectAsync(knows, "m-2");
        await ExpectAsync(other, "m-2");

        static async Task ExpectAsync(AsyncServerStreamingCall<Message> call, string id)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(id, call.ResponseStream.Current.Id);
        }
    }

    private static async Task<BrokerHost> StartAsync(Action<Endpoints.EventBrokerOptions>? options = null)
    {
        var host = await BrokerHost.StartAsync(BrokerHost.Patient, options);
        await host.Http.RegisterAsync("e");
        return host;
    }

    // A client knows that it is connected before the broker has begun to measure its heartbeats; what is answered over the connection comes later.
    private static async Task BeginAsync(NodeClient client)
    {
        await client.ReadAsync("open");
        await client.SendAsync(Ack);
        await client.ReadAsync("ack_result");
    }

    private static string Address(BrokerHost host) => $"ws://{host.HttpAddress.Authority}/v1/events/e/subscribe";

    // Whether the ping has gone out nobody sees, so the clock goes on until it has and is not answered.
    private static async Task AdvanceUntilGoneAsync(BrokerHost host)
    {
        var gone = host.Requests.FallToAsync(0);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        while (!gone.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            host.Time.Advance(Pong);
            using var meanwhile = await host.Http.GetAsync(new Uri("/healthz", UriKind.Relative));
        }
    }
}
