using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Tests.Transports.Bare;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Over a transport that keeps nothing.
public sealed class UnsupportedOptionTests
{
    [Theory]
    [InlineData("start_from=beginning")]
    [InlineData("consumer_id=c", "consumer_id")]
    [InlineData("delivery_mode=worker_pool")]
    public async Task A_stream_with_an_option_that_the_transport_can_not_honour_is_refused(string query, string? option = null)
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");

        var (status, code, message) = await host.Http.GetErrorAsync("/v1/events/e/stream?" + query);

        Assert.Equal((HttpStatusCode.BadRequest, 9), (status, code));
        Assert.StartsWith($"transport 'memory' can't honour {option ?? query}: ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latest_only=true")]
    [InlineData("max_age=5m")]
    public async Task What_the_broker_does_by_itself_works_over_it(string query)
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?" + query);

        await host.Http.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await sse.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_call_with_an_option_that_the_transport_can_not_honour_is_refused()
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");
        var client = new EventService.EventServiceClient(host.OpenChannel());
        using var call = client.Subscribe(new SubscribeRequest { Event = "e", StartFrom = StartPosition.Beginning });

        var refusal = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.StartsWith("transport 'memory' can't honour start_from=beginning: ", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_reaches_nobody_is_a_failed_precondition()
    {
        await using var bare = new BareTransport();
        await using var host = await BrokerHost.StartAsync(transport: bare);
        await host.Http.RegisterAsync("e");

        using var response = await host.Http.PostTextAsync("/v1/events/e/messages", "{}");

        var (status, code, _) = await RestClient.ErrorOfAsync(response);
        Assert.Equal((HttpStatusCode.BadRequest, 9), (status, code));
    }
}
