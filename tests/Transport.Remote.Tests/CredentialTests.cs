using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using EventBroker.Transport.Remote.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Transport.Remote.Tests;

// The broker behind decides about the callers of the one in front.
public sealed class CredentialTests : IAsyncLifetime
{
    private BrokerPair _pair = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await BrokerPair.StartAsync(static s =>
        {
            s.ForwardHeaders = ["Authorization", "X-Role"];
            s.ForwardQueryParameters = new Dictionary<string, string> { ["access_token"] = "authorization" };
        });
        _pair.Behind.Authorizer.Decide = static request => request.Caller.GetHeader("authorization") switch
        {
            "Bearer right" => AuthorizationDecision.Allow,
            null when request.Caller.GetHeader("x-role") == "admin" => AuthorizationDecision.Allow,
            null => AuthorizationDecision.Unauthenticated("test", "no token"),
            _ => AuthorizationDecision.Deny("test", "wrong token"),
        };
        using var request = Request(HttpMethod.Post, "/v1/events/e", "Bearer right");
        using var response = await _pair.Front.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _pair.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("Bearer right", HttpStatusCode.OK)]
    [InlineData("Bearer wrong", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task A_publish_goes_with_the_callers_own_header(string? authorization, HttpStatusCode expected)
    {
        using var request = Request(HttpMethod.Post, "/v1/events/e/messages", authorization);
        using var response = await _pair.Front.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_refusal_has_the_words_of_the_broker_behind()
    {
        Assert.Equal((HttpStatusCode.Unauthorized, 16, "no token"), await _pair.Front.Http.GetErrorAsync("/v1/events/e/stream"));
    }

    [Fact]
    public async Task Another_header_counts_where_it_is_passed_on()
    {
        using var request = Request(HttpMethod.Post, "/v1/events/e/messages", authorization: null);
        request.Headers.Add("x-role", "admin");
        using var response = await _pair.Front.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_subscription_reads_and_settles_with_the_header_that_opened_it()
    {
        var client = new EventService.EventServiceClient(_pair.Front.OpenChannel());
        var headers = new Metadata { { "authorization", "Bearer right" } };
        using var call = client.Subscribe(new SubscribeRequest { Event = "e", DeliveryMode = DeliveryMode.WorkerPool }, headers);
        await call.ResponseHeadersAsync;
        await client.PublishAsync(new PublishRequest { Event = "e", Id = "m-1" }, headers);
        Assert.True(await call.ResponseStream.MoveNext());

        // Settled by a caller without credentials: the front lets everybody settle, and the message is the subscription's.
        var acked = await client.AckAsync(new AckRequest { Entries = { new AckEntry { AckId = call.ResponseStream.Current.AckId } } });

        Assert.Equal([AckResult.Settled], acked.Results);
    }

    [Fact]
    public async Task A_browsers_query_parameter_becomes_a_bearer_token()
    {
        await using var socket = await WebSocketClient.OpenAsync(_pair.Front.HttpAddress, "/v1/events/e/subscribe?access_token=right");
        await using var sse = await SseClient.OpenAsync(_pair.Front.Http, "/v1/events/e/stream?access_token=right");
        using var request = Request(HttpMethod.Post, "/v1/events/e/messages", "Bearer right");
        using var response = await _pair.Front.Http.SendAsync(request);

        await socket.ReadMessageAsync();
        await sse.ReadMessageAsync();
    }

    [Fact]
    public async Task A_credential_that_no_header_takes_is_refused_and_the_connection_lives()
    {
        Assert.Equal(
            (HttpStatusCode.Unauthorized, 16, "the value for the header authorization has a control character"),
            await _pair.Front.Http.GetErrorAsync("/v1/events/e/stream?access_token=ri%01ght"));

        await using var sse = await SseClient.OpenAsync(_pair.Front.Http, "/v1/events/e/stream?access_token=right");
    }

    [Fact]
    public async Task Its_own_token_is_used_for_callers_without_credentials_and_never_beside_theirs()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "right\n");
            await using var transport = await RemoteTransports.StartAsync(_pair.Behind.GrpcAddress, s =>
            {
                s.ForwardHeaders = ["x-role"];
                s.TokenFile = file;
            });
            await using var front = await FunctionalTests.Hosting.BrokerHost.StartAsync(transport: transport);

            Assert.NotEmpty(await front.Http.PublishAsync("e", "m-1"));
            using var request = Request(HttpMethod.Post, "/v1/events/e/messages", authorization: null);
            request.Headers.Add("x-role", "guest");
            using var response = await front.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string? authorization)
    {
        var request = new HttpRequestMessage(method, path) { Content = new StringContent("") };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("authorization", authorization);
        }

        return request;
    }
}
