using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using EventBroker.Sdk.Authorization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Client.Tests.Transport;

// What stands in front of a broker answers in its place while it is away.
public sealed class ForeignAnswerTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(502)]
    public async Task A_subscription_outlives_the_answers_of_a_proxy(int status)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address);
        await client.RegisterAsync("e");
        var faults = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => faults.Increment() });
        broker.Requests.Door = context => AnswerAsync(context, status);

        proxy.CutConnections();
        await faults.ReachAsync(5);
        broker.Requests.Door = null;
        await client.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    public async Task A_call_that_a_proxy_has_answered_is_tried_again_and_says_what_came(int status)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 2);
        broker.Requests.Door = context => AnswerAsync(context, status);

        var failure = await Assert.ThrowsAsync<EventBrokerException>(() => client.RegisterAsync("e"));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
        Assert.Contains($"HTTP {status}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, broker.Requests.Count("RegisterEvent"));

        broker.Requests.Door = null;
        await client.RegisterAsync("e");
    }

    // A proxy that speaks gRPC answers in its words, but has not the broker's signature.
    [Theory]
    [InlineData("7")]
    [InlineData("12")]
    [InlineData("16")]
    public async Task Refusals_of_a_proxy_in_words_of_gRPC_end_no_subscription_and_are_tried_again(string status)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o => o.Retry.MaxRetries = 2);
        await client.RegisterAsync("e");
        var faults = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => faults.Increment() });
        broker.Requests.Door = async context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = status;
            await context.Response.StartAsync();
        };

        proxy.CutConnections();
        await faults.ReachAsync(3);
        var failure = await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("e", "m-0"));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
        Assert.Equal(3, broker.Requests.Count("Publish"));
        broker.Requests.Door = null;
        await client.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
    }

    [Fact]
    public async Task The_brokers_own_refusals_are_final_once_it_is_known_to_sign_them()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        Assert.False(await client.RegisterAsync("e"));
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("none", "m-1"))).Code);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<EventBrokerException>(() => client.SubscribeAsync("none"))).Code);
        broker.Authorizer.Decide = static _ => AuthorizationDecision.Deny("no");
        Assert.Equal(ErrorCode.PermissionDenied, (await Assert.ThrowsAsync<EventBrokerException>(() => client.ListAsync())).Code);
        Assert.Equal((2, 1, 1), (broker.Requests.Count("RegisterEvent"), broker.Requests.Count("Publish"), broker.Requests.Count("ListEvents")));
    }

    // A load balancer's connection stays open while the broker behind it is away.
    [Fact]
    public async Task Whoever_is_answered_by_a_proxy_is_not_connected_to_a_broker()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 0);
        var states = new States(client);
        await client.CheckHealthAsync();
        await states.ExpectAsync(ConnectionState.Connecting, ConnectionState.Connected);

        broker.Requests.Door = static context => AnswerAsync(context, 503);
        await Assert.ThrowsAsync<EventBrokerException>(() => client.CheckHealthAsync());
        await states.ExpectAsync(ConnectionState.Connecting);

        broker.Requests.Door = null;
        await client.CheckHealthAsync();
        await states.ExpectAsync(ConnectionState.Connected);
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync("<html>not here</html>");
    }
}
