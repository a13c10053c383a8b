using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Who published a message is told to its subscribers, whichever way it came.
public sealed class SourceTests
{
    [Fact]
    public async Task A_message_names_its_publisher_on_every_way_of_publishing()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var channel = host.OpenChannel();
        var events = new EventService.EventServiceClient(channel);
        var broker = new BrokerService.BrokerServiceClient(channel);
        using var call = events.Subscribe(new SubscribeRequest { Event = "e" });
        await call.ResponseHeadersAsync;

        await events.PublishAsync(new PublishRequest { Event = "e" }, From("one"));
        Assert.Equal("one", await NextAsync());
        await broker.PublishBatchAsync(new PublishBatchRequest { Messages = { new PublishItem { Event = "e" }, new PublishItem { Event = "e" } } }, From("batch"));
        Assert.Equal(("batch", "batch"), (await NextAsync(), await NextAsync()));
        using var stream = broker.PublishStream(From("stream"));
        await stream.RequestStream.WriteAsync(new PublishItem { Event = "e" });
        await stream.RequestStream.CompleteAsync();
        Assert.Equal("stream", await NextAsync());

        foreach (var (header, source) in new[] { ("X-Source", "rest"), ("Grpc-Metadata-X-Source", "gateway"), ("X-Source", ""), ("X-Other", "other") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events/e/messages") { Content = new StringContent("{}"), Headers = { { header, source } } };
            using var answer = await host.Http.SendAsync(request);
            Assert.Equal(source is "" or "other" ? "remote" : source, await NextAsync());
        }

        static Metadata From(string source) => new() { { "x-source", source } };

        async Task<string> NextAsync()
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            return call.ResponseStream.Current.Source;
        }
    }
}
