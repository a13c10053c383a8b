using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.GoServer;

// RemoteTransport works unchanged against the Go event-server.
public sealed class GoEventServerTests
{
    [Fact]
    public async Task A_subscription_opens_without_a_message_and_settles_what_comes()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        Assert.Equal(ConnectionState.Connected, client.State);
        await client.PublishAsync("e", "m-1", "one");
        await client.PublishAsync("e", "m-2", "two");
        var deliveries = await subscription.NextAsync(2);

        Assert.Equal(["m-1", "m-2"], deliveries.Select(static d => d.Id));
        Assert.Equal(SettleResult.Settled, await deliveries[0].AckAsync());
        Assert.Equal(SettleResult.Settled, await deliveries[1].NackAsync("no"));
        Assert.Equal([("1", ""), ("2", "no")], server.Service.Acks.Select(static a => (a.AckId, a.Error)));
    }

    [Fact]
    public async Task An_unregistered_event_is_an_error_at_once()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.SubscribeAsync("e"));

        Assert.Equal(ErrorCode.NotFound, exception.Code);
        Assert.Equal(1, server.Requests.Count("Subscribe"));
    }

    [Fact]
    public async Task An_extension_is_refused_here_because_the_server_would_take_it_for_an_ack()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => delivery.ExtendAsync(TimeSpan.FromMinutes(1)));

        Assert.Equal(ErrorCode.Unimplemented, exception.Code);
        Assert.Empty(server.Service.Acks);
    }

    [Fact]
    public async Task A_batch_is_published_one_by_one()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        var results = await client.PublishBatchAsync("e", [Clients.Message("a"), Clients.Message("b"), Clients.Message("c")]);

        Assert.Equal(["a", "b", "c"], results.Select(static r => r.Id));
        Assert.All(results, static r => Assert.Null(r.Failure));
        Assert.Equal(["a", "b", "c"], (await subscription.NextAsync(3)).Select(static d => d.Id));
    }

    [Fact]
    public async Task The_time_of_an_attempt_is_that_of_one_message_and_a_batch_is_asked_for_once()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address, static o => o.AttemptTimeout = TimeSpan.FromSeconds(5), time);
        await client.RegisterAsync("e");

        // Together they take a hundred seconds.
        server.Service.OnPublish = _ =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.CompletedTask;
        };
        var messages = Enumerable.Range(0, 100).Select(static i => Clients.Message($"{i}")).ToList();
        var first = await client.PublishBatchAsync("e", messages);
        var second = await client.PublishBatchAsync("e", [Clients.Message("last")]);

        Assert.All(first.Concat(second), static r => Assert.Null(r.Failure));
        Assert.Equal(101, server.Requests.Count("Publish"));
        Assert.Equal(1, server.Requests.Count("PublishBatch"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_cut_it_goes_on_by_time_and_shows_nothing_twice(bool timeStands)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var proxy = new FaultProxy(server.Address);
        await using var publisher = Clients.Open(server.Address);
        await using var client = Clients.Open(proxy.Address);
        await publisher.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        server.Service.TimeStands = timeStands;
        await publisher.PublishAsync("e", "m-1");
        await publisher.PublishAsync("e", "m-2");
        Assert.Equal(["m-1", "m-2"], (await subscription.NextAsync(2)).Select(static d => d.Id));

        await proxy.CutAsync();
        await publisher.PublishAsync("e", "m-3");
        proxy.Restore();
        await publisher.PublishAsync("e", "m-4");

        Assert.Equal(["m-3", "m-4"], (await subscription.NextAsync(2)).Select(static d => d.Id));
        Assert.Equal(Protos.Event.V1.StartPosition.Timestamp, server.Service.Subscribes[^1].StartFrom);
    }

    [Fact]
    public async Task A_silent_stream_that_sent_its_headers_is_closed_without_a_message()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        server.Service.SendsHeadersAtOnce = true;
        var subscription = await client.SubscribeAsync("e");

        await subscription.DisposeAsync();

        Assert.True(await subscription.HasEndedAsync());
    }

    [Fact]
    public async Task A_clean_end_of_the_stream_is_a_reason_to_come_back()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        await subscription.NextAsync();

        server.Service.EndStreams(error: null);
        await client.PublishAsync("e", "m-2");

        Assert.Equal("m-2", (await subscription.NextAsync()).Id);
    }
}
