using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// What one call can make the broker spend.
public sealed class CallCostTests
{
    private const string Publish = "event.v1.EventService/Publish";
    private const string Ack = "event.v1.EventService/Ack";
    private const string PublishBatch = "eventbroker.v1.BrokerService/PublishBatch";
    private const string PublishStream = "eventbroker.v1.BrokerService/PublishStream";

    [Theory]
    [InlineData(Publish)]
    [InlineData(Publish, true)]
    [InlineData(Ack)]
    [InlineData(PublishBatch)]
    [InlineData(PublishStream)]
    [InlineData("event.v1.EventService/RegisterEvent")]
    public async Task Over_gRPC_nothing_is_read_of_a_caller_whose_credentials_are_wrong(string method, bool isLookedUpElsewhere = false)
    {
        await using var host = await BrokerHost.StartAsync();
        host.Authorizer.AnswersLater = isLookedUpElsewhere;
        host.Authorizer.Examine = static _ => AuthorizationDecision.Unauthenticated("wrong key", "a key with 100 % more ü");
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new UnendingContent([0, 0, 0x10, 0, 0, 0x0A]);

        Assert.Equal((StatusCode.Unauthenticated, "a key with 100 % more ü"), await RawGrpc.CallAsync(http, method, body));
    }

    [Theory]
    [InlineData("/v1/events/e/messages")]
    [InlineData("/v1/events/e/messages", true)]
    [InlineData("/v1/ack")]
    [InlineData("/v1/events/e")]
    [InlineData("/v1/events/e/seek")]
    public async Task Over_REST_nothing_is_read_of_a_caller_whose_credentials_are_wrong(string path, bool isLookedUpElsewhere = false)
    {
        await using var host = await BrokerHost.StartAsync();
        host.Authorizer.AnswersLater = isLookedUpElsewhere;
        host.Authorizer.Examine = static _ => AuthorizationDecision.Unauthenticated("wrong key");
        using var body = new UnendingContent("{"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };

        // The server says "continue" when it begins to read.
        request.Headers.ExpectContinue = true;
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = host.HttpAddress };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.False(body.Begun.Task.IsCompleted);
    }

    [Fact]
    public async Task What_was_found_out_about_a_caller_is_for_its_call_alone()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        host.Authorizer.Examine = static caller => caller.GetHeader("key") == "right" ? AuthorizationDecision.Allow : AuthorizationDecision.Unauthenticated("wrong key");
        using var right = new HttpRequestMessage(HttpMethod.Get, "/v1/events") { Headers = { { "key", "right" } } };

        // The same connections, and over HTTP/2 the same stream out of the server's pool.
        using var allowed = await host.Http.SendAsync(right);
        using var denied = await host.Http.GetAsync(new Uri("/v1/events", UriKind.Relative));
        await client.PublishAsync(new PublishRequest { Event = "e" }, new Metadata { { "key", "right" } });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishAsync(new PublishRequest { Event = "e" }));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (allowed.StatusCode, denied.StatusCode));
        Assert.Equal(StatusCode.Unauthenticated, failure.StatusCode);
    }

    [Fact]
    public async Task A_call_of_more_items_than_are_allowed_is_refused_whole()
    {
        await using var host = await BrokerHost.StartAsync(static limits => limits.MaxItemsPerCall = 3);
        await host.Http.RegisterAsync("e");
        var channel = host.OpenChannel();
        var broker = new BrokerService.BrokerServiceClient(channel);
        var events = new EventService.EventServiceClient(channel);
        var batch = new PublishBatchRequest { Messages = { Enumerable.Range(0, 3).Select(static i => new PublishItem { Event = "e", Id = $"m-{i}" }) } };
        var acks = new AckRequest { Entries = { Enumerable.Range(0, 3).Select(static _ => new AckEntry()) } };

        Assert.Equal(["m-0", "m-1", "m-2"], (await broker.PublishBatchAsync(batch)).Ids);
        Assert.Equal(3, (await events.AckAsync(acks)).Results.Count);
        batch.Messages.Add(new PublishItem { Event = "e" });
        acks.Entries.Add(new AckEntry());

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await broker.PublishBatchAsync(batch));
        Assert.Equal((StatusCode.ResourceExhausted, "the call has more than 3 messages, which is the limit: send them in several calls"), (failure.StatusCode, failure.Status.Detail));
        failure = await Assert.ThrowsAsync<RpcException>(async () => await events.AckAsync(acks));
        Assert.Equal((StatusCode.ResourceExhausted, "the call has more than 3 entries, which is the limit: send them in several calls"), (failure.StatusCode, failure.Status.Detail));
        using var response = await host.Http.PostTextAsync("/v1/ack", """{"entries":[{},{},{},{}]}""");
        Assert.Equal((HttpStatusCode.TooManyRequests, 8, failure.Status.Detail), await RestClient.ErrorOfAsync(response));
    }

    [Fact]
    public async Task A_batch_that_is_denied_whole_has_the_denial_as_its_status()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("mine");
        host.Authorizer.Decide = static request => request.EventName == "mine" ? AuthorizationDecision.Allow : AuthorizationDecision.Deny("not yours");
        var client = new BrokerService.BrokerServiceClient(host.OpenChannel());
        var batch = new PublishBatchRequest { Messages = { new PublishItem { Event = "a" }, new PublishItem { Event = "b" } } };

        var denied = await Assert.ThrowsAsync<RpcException>(async () => await client.PublishBatchAsync(batch));
        batch.Messages.Add(new PublishItem { Event = "mine", Id = "m" });
        var partly = await client.PublishBatchAsync(batch);

        Assert.Equal((StatusCode.PermissionDenied, "permission denied"), (denied.StatusCode, denied.Status.Detail));
        Assert.Equal([(0L, 7), (1L, 7)], partly.Failures.Select(static f => (f.Index, f.Code)));
        Assert.Equal(["", "", "m"], partly.Ids);
    }

    // The host fails its test where an error is logged.
    [Theory]
    [InlineData(Publish)]
    [InlineData(Ack)]
    [InlineData(PublishBatch)]
    [InlineData(PublishStream)]
    [InlineData("event.v1.EventService/Subscribe")]
    [InlineData("event.v1.EventService/RegisterEvent")]
    public async Task Over_gRPC_a_client_that_goes_in_the_middle_of_a_message_is_no_error(string method)
    {
        await using var host = await BrokerHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new UnendingContent(RawGrpc.Frame(new byte[512 * 1024])[..^1]);
        var answer = RawGrpc.CallAsync(http, method, body);
        await body.Begun.Task;

        http.CancelPendingRequests();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await host.Requests.FallToAsync(0);
    }

    [Theory]
    [InlineData("Check")]
    [InlineData("Watch")]
    public async Task Nothing_is_kept_of_what_a_stranger_sends_to_the_health_service(string method)
    {
        await using var host = await BrokerHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new UnendingContent(RawGrpc.Frame(new byte[1024 * 1024])[..^1]);

        Assert.Equal(
            (StatusCode.ResourceExhausted, "the request is larger than 4096 bytes"),
            await RawGrpc.CallAsync(http, $"grpc.health.v1.Health/{method}", body));
    }

    [Theory]
    [InlineData(Publish)]
    [InlineData(PublishBatch)]
    [InlineData(PublishStream)]
    [InlineData("grpc.health.v1.Health/Check")]
    [InlineData("/v1/events/e/messages")]
    [InlineData("/v1/ack")]
    [InlineData("/v1/events/f")]
    public async Task A_body_that_comes_in_part_and_then_no_more_is_given_up(string target)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new UnendingContent(target[0] == '/' ? "{"u8.ToArray() : RawGrpc.Frame(new byte[target.Contains("Health", StringComparison.Ordinal) ? 4096 : 512 * 1024])[..^1]);
        var answer = target[0] == '/' ? PostAsync() : CallAsync();
        await body.Begun.Task;

        // Until the broker waits for more, the clock moves for nothing.
        while (!answer.IsCompleted)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Contains("the request body comes too slowly", await answer, StringComparison.Ordinal);

        async Task<string> CallAsync() => (await RawGrpc.CallAsync(http, target, body)).Message;

        // An HttpClient would not read the answer before it has sent everything.
        async Task<string> PostAsync()
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, host.HttpAddress.Port);
            await client.Client.SendAsync(System.Text.Encoding.ASCII.GetBytes($"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{{{new string(' ', 50_000)}"));
            body.Begun.TrySetResult();
            using var reader = new StreamReader(client.GetStream());
            var said = "";
            while (!said.EndsWith('}') && await reader.ReadLineAsync() is { } line)
            {
                // The body has no line of its own behind it.
                said += line;
                if (line.Length == 0)
                {
                    var rest = new char[120];
                    said += new string(rest, 0, await reader.ReadAsync(rest));
                }
            }

            return said;
        }
    }
}
