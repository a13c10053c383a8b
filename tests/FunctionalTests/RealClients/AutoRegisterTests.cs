using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Protos.Broker.V1;
using EventBroker.Sdk.Authorization;
using PublishItem = EventBroker.Protos.Broker.V1.PublishItem;

namespace EventBroker.FunctionalTests.RealClients;

// Routes that register events by themselves.
public sealed class AutoRegisterTests
{
    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_subscriber_registers_its_event(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync(autoRegister: true);
        var both = await Task.WhenAll(StreamClient.OpenAsync(host, protocol), StreamClient.OpenAsync(host, protocol));

        await host.Http.PublishAsync("e", "m-1");

        foreach (var client in both)
        {
            Assert.Equal("m-1", (await client.ReadAsync()).Id);
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_publisher_registers_its_event_by_one_message_or_by_many()
    {
        await using var host = await BrokerHost.StartAsync(autoRegister: true);
        await host.Http.PublishAsync("one", "m-1");
        var batch = new PublishBatchRequest { Messages = { new PublishItem { Event = "many", Id = "m-2" }, new PublishItem { Event = "many", Id = "m-3" } } };
        var response = await new BrokerService.BrokerServiceClient(host.OpenChannel()).PublishBatchAsync(batch);

        Assert.Empty(response.Failures);
        Assert.Equal("""{"events":["many","one"]}""", await host.Http.GetStringAsync("/v1/events"));
        await using var client = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { StartFrom = "beginning" }, "many");
        await client.ExpectAsync("m-2", 0);
        await client.ExpectAsync("m-3", 0);
    }

    [Fact]
    public async Task Whoever_may_not_register_is_served_as_on_any_other_route()
    {
        await using var host = await BrokerHost.StartAsync(autoRegister: true);
        host.Authorizer.Decide = static r => r.Operation == BrokerOperation.Register ? AuthorizationDecision.Deny("no", "no") : AuthorizationDecision.Allow;

        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetErrorAsync("/v1/events/e/stream")).Status);
        using var published = await host.Http.PostTextAsync("/v1/events/e/messages", "{}");
        Assert.Equal(HttpStatusCode.NotFound, published.StatusCode);
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?wait=true");
        Assert.Equal("waiting", (await sse.ReadAsync())?.Name);
        Assert.Equal("""{"events":[]}""", await host.Http.GetStringAsync("/v1/events"));
    }

    [Fact]
    public async Task It_is_off_unless_a_route_says_otherwise()
    {
        await using var host = await BrokerHost.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetErrorAsync("/v1/events/e/stream")).Status);
    }
}
