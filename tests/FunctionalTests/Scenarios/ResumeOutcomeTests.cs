using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Scenarios;

// What a subscriber is told of the place that it asked for.
public sealed class ResumeOutcomeTests
{
    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_group_is_new_to_the_first_member_that_asks_for_a_start_and_keeps_its_place_for_the_second(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await host.Http.PublishAsync("e", "m-1");
        var fromBeginning = StreamOptions.Of(StreamMode.WorkerPool) with { StartFrom = "beginning" };
        await using (var first = await StreamClient.OpenAsync(host, protocol, fromBeginning))
        {
            var message = await first.ReadAsync();
            Assert.Equal(("m-1", "new"), (message.Id, first.Resumed));
            await first.SettleAsync(message.AckId);
        }

        await using var second = await StreamClient.OpenAsync(host, protocol, fromBeginning);
        await host.Http.PublishAsync("e", "m-2");

        Assert.Equal("m-2", (await second.ReadAsync()).Id);
        Assert.Equal("kept", second.Resumed);
    }

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_consumer_id_is_told_that_it_is_new_known_or_that_its_place_was_kept(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var known = StreamOptions.Of(StreamMode.ConsumerId);
        await ReadOneAsync(known, "m-1", "new");
        await ReadOneAsync(known, "m-2", "exact");
        await ReadOneAsync(known with { StartFrom = "beginning" }, "m-3", "kept");

        async Task ReadOneAsync(StreamOptions options, string id, string outcome)
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, options);
            await host.Http.PublishAsync("e", id);
            var message = await client.ReadAsync();
            Assert.Equal((id, outcome), (message.Id, client.Resumed));
            Assert.Equal("settled", await client.SettleAsync(message.AckId));
        }
    }

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_member_of_a_group_that_has_a_name_is_told_whether_the_group_is_new(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var named = StreamOptions.Of(StreamMode.WorkerPool) with { Member = "worker-1" };
        foreach (var (id, outcome) in new[] { ("m-1", "new"), ("m-2", "kept") })
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, named);
            await host.Http.PublishAsync("e", id);
            var message = await client.ReadAsync();
            Assert.Equal((id, outcome), (message.Id, client.Resumed));
            await client.SettleAsync(message.AckId);
        }
    }

    // As after a restart of a broker over memory.
    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task After_the_event_was_made_anew_every_place_is_told_as_new_or_lost(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        StreamOptions[] places = [StreamOptions.Of(StreamMode.ConsumerId), StreamOptions.Of(StreamMode.WorkerPool) with { Member = "w" }];
        var cursor = "";
        foreach (var place in places.Prepend(new StreamOptions()))
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, place);
            await host.Http.PublishAsync("e", "m-1");
            var message = await client.ReadAsync();
            await client.SettleAsync(message.AckId);
            cursor = cursor.Length > 0 ? cursor : message.Cursor;
        }

        using var gone = await host.Http.DeleteAsync(new Uri("/v1/events/e", UriKind.Relative));
        await host.Http.RegisterAsync("e");

        foreach (var (place, outcome) in places.Select(static p => (p, "new")).Append((new StreamOptions { ResumeAfter = cursor }, "lost")))
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, place);
            await host.Http.PublishAsync("e", "m-2");
            Assert.Equal("m-2", (await client.ReadAsync()).Id);
            Assert.Equal(outcome, client.Resumed);
        }
    }

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task Who_asked_for_nothing_that_could_be_otherwise_is_told_nothing(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        foreach (var options in new[] { new StreamOptions(), new StreamOptions { StartFrom = "latest" }, StreamOptions.Of(StreamMode.WorkerPool) })
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, options);
            await host.Http.PublishAsync("e", "m-1");
            var message = await client.ReadAsync();
            await client.SettleAsync(message.AckId);
            Assert.Null(client.Resumed);
        }
    }

    [Theory]
    [InlineData(StreamProtocol.Grpc)]
    [InlineData(StreamProtocol.Sse)]
    [InlineData(StreamProtocol.WebSocket)]
    public async Task A_cursor_is_exact_until_retention_has_gone_beyond_it(StreamProtocol protocol)
    {
        await using var host = await BrokerHost.StartAsync(memory: static m => m.MaxMessagesPerEvent = 2);
        await host.Http.RegisterAsync("e");
        string cursor;
        await using (var client = await StreamClient.OpenAsync(host, protocol))
        {
            await host.Http.PublishAsync("e", "m-1");
            cursor = (await client.ReadAsync()).Cursor;
        }

        await host.Http.PublishAsync("e", "m-2");
        await ExpectAsync("exact", "m-2");
        await host.Http.PublishAsync("e", "m-3");
        await host.Http.PublishAsync("e", "m-4");
        await ExpectAsync("lost", "m-3");

        async Task ExpectAsync(string outcome, string id)
        {
            await using var client = await StreamClient.OpenAsync(host, protocol, new StreamOptions { ResumeAfter = cursor });
            Assert.Equal(id, (await client.ReadAsync()).Id);
            Assert.Equal(outcome, client.Resumed);
        }
    }
}
