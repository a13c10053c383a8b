using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Input that is wrong in ways of its own, each answered as what it is.
public sealed class BadInputTests
{
    private const string NoCloudEvents = "CloudEvents are not supported; a message is {\"id\",\"payload\",\"metadata\"}";

    [Theory]
    [InlineData(256, HttpStatusCode.OK)]
    [InlineData(257, HttpStatusCode.BadRequest)]
    [InlineData(4088, HttpStatusCode.BadRequest)]
    [InlineData(8184, HttpStatusCode.BadRequest)]
    public async Task An_id_has_256_bytes_at_the_most(int length, HttpStatusCode expected)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var stream = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");

        using var response = await host.Http.PostTextAsync("/v1/events/e/messages", JsonSerializer.Serialize(new { id = new string('x', length) }));
        await host.Http.PublishAsync("e", "next");

        Assert.Equal(expected, response.StatusCode);
        var first = (await stream.ReadMessageAsync()).GetProperty("id").GetString()!;
        Assert.Equal(expected == HttpStatusCode.OK ? length : "next".Length, first.Length);
    }

    [Fact]
    public async Task The_bytes_of_an_id_are_what_counts()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());

        await client.PublishAsync(new PublishRequest { Event = "e", Id = new string('ü', 128) });
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishAsync(new PublishRequest { Event = "e", Id = new string('ü', 129) }));

        Assert.Equal((StatusCode.InvalidArgument, "id has 258 bytes; 256 are allowed"), (refused.StatusCode, refused.Status.Detail));
    }

    [Theory]
    [InlineData("/v1/events/e/messages", """{"\ud800":1}""", "a field's name")]
    [InlineData("/v1/ack", """{"\ud800":1}""", "a field's name")]
    [InlineData("/v1/ack", """{"entries":[{"\ud800":1}]}""", "a field's name")]
    [InlineData("/v1/events/e/seek", """{"\ud800":1}""", "a field's name")]
    [InlineData("/v1/events/f", """{"\ud800":1}""", "a field's name")]
    [InlineData("/v1/events/f", """{"options":{"retention":"\udc00"}}""", "a text")]
    public async Task Half_of_a_surrogate_pair_is_a_bad_request(string path, string body, string place)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        using var response = await host.Http.PostTextAsync(path, body);

        await AssertErrorAsync(response, HttpStatusCode.BadRequest, 3, $"invalid JSON: {place} holds half of a surrogate pair or invalid UTF-8");
    }

    [Theory]
    [InlineData("start_time=2026-01-02T03:%2B4::5.")]
    [InlineData("start_time=2026-01-02T03:04:05.")]
    public async Task A_time_that_is_none_is_a_bad_request(string query)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        var (status, code, message) = await host.Http.GetErrorAsync("/v1/events/e/stream?start_from=timestamp&" + query);

        Assert.Equal((HttpStatusCode.BadRequest, 3), (status, code));
        Assert.Contains("RFC 3339", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_told_so()
    {
        await using var host = await BrokerHost.StartAsync();
        host.IsExpectedError = static error => error.Contains("exceeds the maximum", StringComparison.Ordinal);
        await host.Http.RegisterAsync("e");
        var client = new BrokerService.BrokerServiceClient(host.OpenChannel());

        Assert.Empty((await client.PublishBatchAsync(BatchOf(10))).Failures);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishBatchAsync(BatchOf(17)));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);

        static PublishBatchRequest BatchOf(int mebibytes) => new()
        {
            Messages = { Enumerable.Range(0, mebibytes).Select(static _ => new PublishItem { Event = "e", Payload = ByteString.CopyFrom(new byte[1024 * 1024]) }) },
        };
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/v1/health")]
    [InlineData("/v1/events")]
    public async Task Whatever_can_be_got_answers_HEAD(string path)
    {
        await using var host = await BrokerHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET", "/V1/events")]
    [InlineData("GET", "/v1/EVENTS")]
    [InlineData("POST", "/v1/Events/e/messages")]
    [InlineData("POST", "/v1/events/e/Messages")]
    [InlineData("POST", "/V1/ack")]
    [InlineData("GET", "/v1/events/e/Stream")]
    [InlineData("GET", "/v1/events/e/SUBSCRIBE")]
    [InlineData("PUT", "/v1/EVENTS/e/messages")]
    [InlineData("GET", "/V1/nothing")]
    [InlineData("GET", "/Healthz")]
    [InlineData("GET", "/READYZ")]
    public async Task A_path_in_another_case_is_not_found(string method, string path)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await AssertErrorAsync(response, HttpStatusCode.NotFound, 5, "Not Found");
    }

    [Theory]
    [InlineData("event.v1.EventService/listevents")]
    [InlineData("grpc.health.v1.health/Check")]
    [InlineData("GRPC.reflection.v1.ServerReflection/ServerReflectionInfo")]
    public async Task A_method_in_another_case_is_unimplemented(string method)
    {
        await using var host = await BrokerHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new ByteArrayContent(RawGrpc.Frame([]));

        Assert.Equal((StatusCode.Unimplemented, "no such method; names are case-sensitive"), await RawGrpc.CallAsync(http, method, body));
    }

    [Fact]
    public async Task A_subprotocol_that_is_none_is_a_bad_request()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events/e/subscribe");
        foreach (var (name, value) in new[]
        {
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "a b"),
        })
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await host.Http.SendAsync(request);

        await AssertErrorAsync(response, HttpStatusCode.BadRequest, 3, "Sec-WebSocket-Protocol must be names of subprotocols, separated by commas");
    }

    [Fact]
    public async Task The_first_subprotocol_that_is_offered_is_taken()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        await using var offering = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe", static options =>
        {
            options.AddSubProtocol("json");
            options.AddSubProtocol("other");
        });
        await using var plain = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");
        await host.Http.PublishAsync("e", "m");

        Assert.Equal("json", offering.Socket.SubProtocol);
        Assert.Null(plain.Socket.SubProtocol);
        Assert.Equal("m", (await offering.ReadMessageAsync()).GetProperty("id").GetString());
        Assert.Equal(WebSocketState.Open, plain.Socket.State);
    }

    [Fact]
    public async Task An_INTERNAL_of_the_broker_stays_one_and_a_frame_that_is_cut_off_is_the_callers_fault()
    {
        await using var host = await BrokerHost.StartAsync();
        host.IsExpectedError = static error => error.Contains("out of luck", StringComparison.Ordinal);
        await host.Http.RegisterAsync("e");
        host.Authorizer.Decide = static _ => throw new InvalidOperationException("out of luck");
        var channel = host.OpenChannel();
        var events = new EventService.EventServiceClient(channel);
        using var stream = new BrokerService.BrokerServiceClient(channel).PublishStream();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };

        foreach (var call in new Func<Task>[]
        {
            async () => await events.PublishAsync(new PublishRequest { Event = "e" }),
            async () => await events.ListEventsAsync(new ListEventsRequest()),
            async () => await events.Subscribe(new SubscribeRequest { Event = "e" }).ResponseStream.MoveNext(),
        })
        {
            var failure = await Assert.ThrowsAsync<RpcException>(call);
            Assert.Equal((StatusCode.Internal, "internal error"), (failure.StatusCode, failure.Status.Detail));
        }

        using var cut = new ByteArrayContent(RawGrpc.Frame(new byte[10])[..8]);
        var (code, message, refusal) = await RawGrpc.AskAsync(http, "event.v1.EventService/Publish", cut);
        Assert.Equal((StatusCode.InvalidArgument, "refused"), (code, refusal));
        Assert.StartsWith("malformed gRPC frame: ", message, StringComparison.Ordinal);
        Assert.NotEqual("malformed gRPC frame: ".Length, message.Length);
    }

    [Theory]
    [InlineData("application/cloudevents+json")]
    [InlineData("application/cloudevents+json; charset=utf-8")]
    [InlineData("application/cloudevents-batch+json")]
    public async Task A_CloudEvent_in_structured_mode_is_no_message(string type)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using var stream = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        using var content = JsonContent.Create(new { specversion = "1.0", id = "ce-1", source = "/x", type = "t", data = new { a = 1 } });
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        using var response = await host.Http.PostAsync(new Uri("/v1/events/e/messages", UriKind.Relative), content);
        await host.Http.PublishAsync("e", "next");

        await AssertErrorAsync(response, HttpStatusCode.UnsupportedMediaType, 3, NoCloudEvents);
        Assert.Equal("next", (await stream.ReadMessageAsync()).GetProperty("id").GetString());
    }

    // What transcoding would say to it helps nobody.
    [Fact]
    public async Task Nothing_where_fields_are_needed_is_an_empty_request()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        using var nothing = await host.Http.PostTextAsync("/v1/events/e/seek", "");
        using var empty = await host.Http.PostTextAsync("/v1/events/e/seek", "{}");

        var (status, code, message) = await RestClient.ErrorOfAsync(empty);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        await AssertErrorAsync(nothing, status, code, message);
    }

    [Fact]
    public async Task A_CloudEvent_in_binary_mode_is_no_message()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var content = JsonContent.Create(new { a = 1 });
        content.Headers.Add("ce-specversion", "1.0");

        using var response = await host.Http.PostAsync(new Uri("/v1/events/e/messages", UriKind.Relative), content);

        await AssertErrorAsync(response, HttpStatusCode.UnsupportedMediaType, 3, NoCloudEvents);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, int code, string message) =>
        Assert.Equal((status, code, message), await RestClient.ErrorOfAsync(response));
}
