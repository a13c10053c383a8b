using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace EventBroker.PluginHosting.Tests.Process;

// What the host's server does with clients that are slow, or many.
public sealed class HostLimitsTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up_and_quiet_streams_live_on()
    {
        await using var host = await StartAsync("{}");
        var address = host.AddressOf("REST, WebSocket, SSE");
        using var http = new HttpClient { BaseAddress = address };
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/v1/events/e", null)).StatusCode);
        using var sse = new StreamReader(await http.GetStreamAsync("/v1/events/e/stream"));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{address.Authority}/v1/events/e/subscribe"), default);
        using var publishing = new HttpClient { BaseAddress = host.AddressOf("gRPC (HTTP/2 without TLS)") };
        using var body = new HeldContent();
        using var call = new HttpRequestMessage(HttpMethod.Post, "eventbroker.v1.BrokerService/PublishStream")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        call.Content.Headers.ContentType = new("application/grpc");
        call.Headers.TE.Add(new("trailers"));
        var published = publishing.SendAsync(call);

        var answers = await Task.WhenAll(new[] { "/v1/events/e/messages", "/v1/ack", "/v1/events/f" }.Select(path => TalkAsync(
            address, $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Length: 1000\r\n\r\n{{")));
        // By the server's own rule or by the broker's, and never as the client's mistake: it may try again.
        Assert.All(answers, static answer => Assert.Matches("^HTTP/1.1 (408|504) ", answer));

        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/v1/events/e/messages", new StringContent("""{"id":"late"}"""))).StatusCode);
        var buffer = new byte[4096];
        var frame = await socket.ReceiveAsync(buffer, default);
        Assert.Contains("\"late\"", Encoding.UTF8.GetString(buffer, 0, frame.Count), StringComparison.Ordinal);
        string? line;
        do
        {
            line = await sse.ReadLineAsync();
            Assert.NotNull(line);
        }
        while (!line.Contains("\"late\"", StringComparison.Ordinal));
        body.End();
        using var answer = await published;
        await answer.Content.ReadAsByteArrayAsync();
        var told = answer.Headers.Contains("grpc-status") ? answer.Headers : answer.TrailingHeaders;
        Assert.Equal("0", told.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Headers_that_do_not_end_are_given_up()
    {
        await using var host = await StartAsync("""{ "headerTimeout": "1s" }""");

        await TalkAsync(host.AddressOf("REST, WebSocket, SSE"), "GET /readyz HTTP/1.1\r\nHost: ");
    }

    [Fact]
    public async Task One_connection_more_than_is_allowed_is_closed()
    {
        await using var host = await StartAsync("""{ "maxConnections": 2 }""");
        var address = host.AddressOf("REST, WebSocket, SSE");
        using var first = await ConnectAsync(address);
        using var second = await ConnectAsync(address);

        // Once they are answered they are counted, whatever the order in which the server took them.
        foreach (var connection in new[] { first, second })
        {
            await connection.Client.SendAsync(Encoding.ASCII.GetBytes($"GET /readyz HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"));
            using var reader = new StreamReader(connection.GetStream(), leaveOpen: true);
            Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
        }

        Assert.Equal("", await TalkAsync(address, ""));
    }

    [Fact]
    public async Task A_connection_has_so_many_streams_and_no_more()
    {
        await using var host = await StartAsync("""{ "maxStreamsPerConnection": 7 }""");
        using var client = await ConnectAsync(host.AddressOf("gRPC (HTTP/2 without TLS)"));
        await client.Client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"u8.ToArray());
        await using var stream = client.GetStream();

        // The server's settings come first: a header of nine bytes, then an id of two and a value of four for each.
        var header = new byte[9];
        await stream.ReadExactlyAsync(header);
        var settings = new byte[header[2]];
        await stream.ReadExactlyAsync(settings);

        Assert.Equal(4, header[3]);
        Assert.Contains(settings.Chunk(6), static one => one is [0, 3, 0, 0, 0, 7]);
    }

    // Everything that comes until the server closes.
    private static async Task<string> TalkAsync(Uri address, string request)
    {
        using var client = await ConnectAsync(address);
        var said = new StringBuilder();
        try
        {
            await client.Client.SendAsync(Encoding.ASCII.GetBytes(request));
            var buffer = new byte[1024];
            while (await client.Client.ReceiveAsync(buffer) is var count and > 0)
            {
                said.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Closed with something unread: what it said before stands.
        }

        return said.ToString();
    }

    private static async Task<TcpClient> ConnectAsync(Uri address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        return client;
    }

    private async Task<HostProcess> StartAsync(string limits)
    {
        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, $$"""
            {
              "listen": { "grpc": "http://127.0.0.1:0", "http": "http://127.0.0.1:0" }, "limits": {{limits}}, "heartbeat": "1h",
              "transports": { "local": { "plugin": "memory" } }, "routes": [ { "events": "*", "transport": "local" } ],
              "authorizers": [ { "plugin": "allow-all" } ]
            }
            """);
        var host = HostProcess.Start(_folder.Root, ["--config", file]);
        await host.WaitUntilReadyAsync();
        return host;
    }

    // Nothing, until it is told to end.
    private sealed class HeldContent : HttpContent
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
