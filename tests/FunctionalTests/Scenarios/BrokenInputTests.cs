using System.Buffers.Binary;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// 10 000 random mutations of valid requests, with fixed seeds: each is answered, and never with INTERNAL.
public sealed class BrokenInputTests
{
    private static readonly byte[] PublishBody =
        """{"id":"i-1","payload":"aGVsbG8gd29ybGQ=","metadata":{"a":"b","ü":"é\n"},"unknown":[1,{"x":null}]}"""u8.ToArray();

    private static readonly byte[] AckBody =
        """{"entries":[{"ackId":"AAAA","error":"e","nackDelay":"1.5s"},{"ack_id":"BBBB","extend":"30s"}]}"""u8.ToArray();

    private static readonly (string Path, byte[] Body)[] Bodies =
    [
        ("/v1/events/e/messages", PublishBody),
        ("/v1/ack", AckBody),
        ("/v1/events/e/seek", """{"worker_group":"g\u00fc","start_from":"START_POSITION_TIMESTAMP","start_time":"2026-01-02T03:04:05Z","x":[{}]}"""u8.ToArray()),
        ("/v1/events/e", """{"options":{"retention":"86400s","max_messages":"100000","\u00fc":1}}"""u8.ToArray()),
    ];

    [Fact]
    public async Task Broken_bodies_and_paths_over_REST_get_an_error_that_is_not_INTERNAL()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var mutator = new Mutator(1);
        for (var i = 0; i < 3000; i++)
        {
            var (path, body) = mutator.Pick(Bodies);
            using var content = new ByteArrayContent(mutator.Mutate(body));
            using var response = await host.Http.PostAsync(new Uri(path, UriKind.Relative), content);
            await CheckAsync(response);
        }

        for (var i = 0; i < 1000; i++)
        {
            var path = mutator.Pick("v1/events/e", "v1/events/e/messages", "v1/health?x=1", "v1/plugins", "v1/events");
            var broken = Uri.EscapeDataString(Encoding.Latin1.GetString(mutator.Mutate(Encoding.ASCII.GetBytes(path)))).Replace("%2F", "/", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(mutator.Pick(HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Put), new Uri(host.HttpAddress.GetLeftPart(UriPartial.Authority) + "/" + broken));
            using var response = await host.Http.SendAsync(request);
            await CheckAsync(response);
        }

        static async Task CheckAsync(HttpResponseMessage response) =>
            Assert.True((int)response.StatusCode < 500, $"{response.RequestMessage!.RequestUri}: {response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    [Fact]
    public async Task Broken_messages_over_gRPC_get_a_status_that_is_not_INTERNAL()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        (string Method, IMessage Request)[] calls =
        [
            ("event.v1.EventService/Publish", new PublishRequest { Event = "e", Id = "i", Payload = ByteString.CopyFromUtf8("hello"), Metadata = { ["a"] = "b" } }),
            ("event.v1.EventService/Ack", new AckRequest { Entries = { new AckEntry { AckId = "A", Error = "e", NackDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) } } }),
            ("event.v1.EventService/RegisterEvent", new RegisterEventRequest { Name = "some.event" }),
            ("event.v1.EventService/UnregisterEvent", new UnregisterEventRequest { Name = "some.event" }),
            ("event.v1.EventService/ListEvents", new ListEventsRequest()),
            ("eventbroker.v1.BrokerService/PublishBatch", new PublishBatchRequest { Messages = { new PublishItem { Event = "e", Id = "1" }, new PublishItem { Event = "x" } } }),
            ("eventbroker.v1.BrokerService/PublishStream", new PublishItem { Event = "e", Id = "1", Metadata = { ["a"] = "b" } }),
        ];
        var mutator = new Mutator(2);
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        for (var i = 0; i < 3000; i++)
        {
            var (method, request) = mutator.Pick(calls);

            // Sometimes the five bytes before the message are broken as well.
            var body = i % 5 == 0 ? mutator.Mutate(Frame(request.ToByteArray())) : Frame(mutator.Mutate(request.ToByteArray()));
            Assert.True(IsForeseen(await CallAsync(http, method, body), out var status), $"{method} {Convert.ToHexString(body)}: {status}");
        }
    }

    [Fact]
    public async Task Broken_subscribe_requests_over_gRPC_get_a_status_that_is_not_INTERNAL()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var valid = new SubscribeRequest
        {
            Event = "e",
            DeliveryMode = DeliveryMode.WorkerPool,
            StartFrom = StartPosition.Timestamp,
            StartTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
            MaxAge = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
            WorkerGroup = "g",
            BufferSize = 5,
            ConsumerId = "c",
            MaxInFlight = 7,
            AckTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        }.ToByteArray();
        var mutator = new Mutator(3);
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        for (var i = 0; i < 1000; i++)
        {
            var body = Frame(mutator.Mutate(valid));
            var answer = await CallAsync(http, "event.v1.EventService/Subscribe", body, waitForEnd: false);
            Assert.True(answer is null || IsForeseen(answer, out _), $"{Convert.ToHexString(body)}: {answer}");
        }
    }

    [Fact]
    public async Task Broken_frames_over_WebSocket_get_an_error_frame_or_a_close_frame()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var valid = """{"type":"ack","ack_id":"AAAA","error":"é","nack_delay":"5s","results":true,"more":[{}]}"""u8.ToArray();
        var mutator = new Mutator(4);
        var client = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");
        for (var i = 0; i < 1000; i++)
        {
            var frame = mutator.Mutate(valid);
            await client.Socket.SendAsync(frame, WebSocketMessageType.Text, true, CancellationToken.None);
            if (Utf8.IsValid(frame))
            {
                await client.SendAsync($$"""{"type":"ack","ack_id":"last-{{i}}","results":true}""");
                await ReadUpToAsync(client, $"last-{i}");
                continue;
            }

            // What is no text at all fails the connection, with or without a close frame.
            var closed = await Record.ExceptionAsync(client.ReadCloseAsync);
            Assert.True(closed is null ? client.Socket.CloseStatus == WebSocketCloseStatus.InvalidPayloadData : closed is WebSocketException);
            await client.DisposeAsync();
            client = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");
        }

        await client.DisposeAsync();
    }

    [Fact]
    public async Task Broken_query_parameters_over_SSE_get_a_stream_or_an_error_that_is_not_INTERNAL()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var valid = "delivery_mode=worker_pool&worker_group=g&start_from=timestamp&start_time=2026-01-02T03:04:05Z&max_age=1h30m&latest_only=false&buffer_size=10&max_in_flight=5&ack_timeout=30s&auto_ack=true"u8.ToArray();
        var mutator = new Mutator(5);
        for (var i = 0; i < 1000; i++)
        {
            var query = Uri.EscapeDataString(Encoding.Latin1.GetString(mutator.Mutate(valid)))
                .Replace("%26", "&", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal);
            using var response = await host.Http.GetAsync(new Uri("/v1/events/e/stream?" + query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{query}: {response.StatusCode}");
        }
    }

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static bool IsForeseen(string? status, out string shown)
    {
        shown = status ?? "no status";
        return status is not null && int.TryParse(status.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture, out var code)
            && (StatusCode)code is not (StatusCode.Internal or StatusCode.Unknown or StatusCode.Unavailable or StatusCode.DataLoss);
    }

    // The status and its message; null for a stream that has begun and was not waited for.
    private static async Task<string?> CallAsync(HttpClient http, string method, byte[] body, bool waitForEnd = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, method) { Content = new ByteArrayContent(body) };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.Headers.Contains("grpc-status"))
        {
            if (!waitForEnd)
            {
                return null;
            }

            await response.Content.ReadAsByteArrayAsync();
        }

        var headers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        return headers.TryGetValues("grpc-status", out var status)
            ? status.First() + " " + (headers.TryGetValues("grpc-message", out var message) ? message.First() : "")
            : $"none, HTTP {(int)response.StatusCode}";
    }

    private static async Task ReadUpToAsync(WebSocketClient client, string ackId)
    {
        while (await client.ReadAsync() is { } frame)
        {
            if (frame.TryGetProperty("ack_id", out var id) && id.GetString() == ackId)
            {
                return;
            }

            Assert.Contains(frame.GetProperty("type").GetString(), new[] { "error", "ack_result" });
        }

        Assert.Fail("the connection was closed: " + client.Socket.CloseStatus);
    }
}
