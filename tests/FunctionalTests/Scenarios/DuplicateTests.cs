using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Transports;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;

namespace EventBroker.FunctionalTests.Scenarios;

// A message that the transport drops, because it has its id already, is answered like the first one and marked, on every way of publishing.
public sealed class DuplicateTests
{
    [Fact]
    public async Task A_duplicate_is_told_on_every_way_of_publishing()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new DroppedDuplicates(inner));
        await host.Http.RegisterAsync("e");
        var events = new EventService.EventServiceClient(host.OpenChannel());
        var broker = new BrokerService.BrokerServiceClient(host.OpenChannel());

        var first = await events.PublishAsync(new PublishRequest { Event = "e", Id = "a" });
        Assert.Equal(("a", false), (first.Id, first.Duplicate));
        var again = await events.PublishAsync(new PublishRequest { Event = "e", Id = "a" });
        Assert.Equal(("a", true), (again.Id, again.Duplicate));

        using var news = await host.Http.PostAsync(new Uri("/v1/events/e/messages", UriKind.Relative), new StringContent("{\"id\":\"z\"}"));
        Assert.Equal("{\"id\":\"z\"}", await news.Content.ReadAsStringAsync());
        using var rest = await host.Http.PostAsync(new Uri("/v1/events/e/messages", UriKind.Relative), new StringContent("{\"id\":\"a\"}"));
        Assert.Equal("{\"id\":\"a\",\"duplicate\":true}", await rest.Content.ReadAsStringAsync());

        var batch = new PublishBatchRequest();
        batch.Messages.Add([new PublishItem { Event = "e", Id = "b" }, new PublishItem { Event = "e", Id = "a" }, new PublishItem { Event = "e", Id = "b" }]);
        var answer = await broker.PublishBatchAsync(batch);
        Assert.Equal(["b", "a", "b"], answer.Ids);
        Assert.Equal([1, 2], answer.Duplicates);
        Assert.Empty(answer.Failures);

        using var stream = broker.PublishStream();
        await stream.RequestStream.WriteAsync(new PublishItem { Event = "e", Id = "c" });
        await stream.RequestStream.WriteAsync(new PublishItem { Event = "e", Id = "a" });
        await stream.RequestStream.CompleteAsync();
        var duplicates = new List<long>();
        while (await stream.ResponseStream.MoveNext(CancellationToken.None))
        {
            duplicates.AddRange(stream.ResponseStream.Current.Duplicates);
        }

        Assert.Equal([1], duplicates);
    }

    [Fact]
    public async Task Messages_without_an_id_of_their_own_are_no_duplicates()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new DroppedDuplicates(inner));
        await host.Http.RegisterAsync("e");
        var events = new EventService.EventServiceClient(host.OpenChannel());
        for (var i = 0; i < 3; i++)
        {
            Assert.False((await events.PublishAsync(new PublishRequest { Event = "e" })).Duplicate);
        }
    }
}
