using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

// How much a program holds, and for how long it may.
public sealed class LeaseTests
{
    [Fact]
    public async Task A_program_that_takes_nothing_holds_no_more_than_its_buffer_and_the_rest_goes_to_others()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var slow = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 100).Select(static i => Clients.Message($"{i}"))]);
        var taken = await slow.NextAsync(100);

        await using var other = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        await client.PublishBatchAsync("e", [.. Enumerable.Range(100, 50).Select(static i => Clients.Message($"{i}"))]);

        Assert.Equal(Enumerable.Range(100, 50).Select(static i => $"{i}"), (await other.NextAsync(50)).Select(static d => d.Id));
        Assert.Equal(SettleResult.Settled, await taken[99].AckAsync());
    }

    [Fact]
    public async Task Without_a_handler_too_what_is_held_is_extended_where_that_is_asked_for()
    {
        var time = new FakeTimeProvider();
        WatchedReads reads = null!;
        await using var broker = await EmbeddedBroker.CreateAsync(
            new EmbeddedBrokerSettings { Time = time, Decorate = inner => reads = new WatchedReads(inner) });
        var calls = CountAcks(broker);
        using var received = new ReceivedMessages();
        var options = Clients.Options(broker.Address);
        options.SettlementBatchSize = 1;
        await using var client = new RemoteTransport(options, timeProvider: time, meterFactory: received.Meters);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync(
            "e", new SubscribeOptions { AckTimeout = TimeSpan.FromSeconds(10), MaxExtension = TimeSpan.FromMinutes(1) });
        await client.PublishAsync("e", "taken");
        await client.PublishAsync("e", "waiting");
        var taken = await subscription.NextAsync();
        await received.ReachAsync(2);
        await reads.HandedOverAsync();

        for (var round = 1; round <= 6; round++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await calls.ReachAsync(2 * round);
        }

        Assert.Equal(SettleResult.Settled, await taken.AckAsync());
        var waiting = await subscription.NextAsync();
        Assert.Equal(("waiting", 0), (waiting.Id, waiting.RetryCount));
        Assert.Equal(SettleResult.Settled, await waiting.AckAsync());
    }

    [Fact]
    public async Task What_a_program_has_forgotten_comes_again_when_its_extensions_are_over()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Time = time });
        var calls = CountAcks(broker);
        await using var client = Clients.Open(broker.Address, time: time);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync(
            "e", new SubscribeOptions { AckTimeout = TimeSpan.FromSeconds(10), MaxExtension = TimeSpan.FromSeconds(12) });
        await client.PublishAsync("e", "m-1");
        var forgotten = await subscription.NextAsync();

        time.Advance(TimeSpan.FromSeconds(5));
        await calls.ReachAsync(1);
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, (await subscription.NextAsync()).RetryCount);
        Assert.Equal(SettleResult.Expired, await forgotten.AckAsync());
    }

    // They wait in the program's buffer meanwhile, and their copies come behind them.
    [Theory]
    [InlineData(null)]
    [InlineData("g")]
    public async Task What_has_waited_for_too_long_is_not_shown_and_makes_way_for_what_the_broker_sends_instead(string? group)
    {
        var time = new FakeTimeProvider();
        using var received = new ReceivedMessages();
        WatchedReads reads = null!;
        await using var broker = await EmbeddedBroker.CreateAsync(
            new EmbeddedBrokerSettings { Time = time, Decorate = inner => reads = new WatchedReads(inner) });
        await using var client = new RemoteTransport(Clients.Options(broker.Address), timeProvider: time, meterFactory: received.Meters);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = group, AckTimeout = TimeSpan.FromSeconds(10) });
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 50).Select(static i => Clients.Message($"{i}"))]);
        await received.ReachAsync(50);

        for (var round = 1; round <= 2; round++)
        {
            await reads.HandedOverAsync();
            time.Advance(TimeSpan.FromSeconds(10));
            await received.ReachAsync(50 + (50 * round));
        }

        var taken = await subscription.NextAsync(50);
        Assert.Equal(50, taken.Select(static d => d.Id).Distinct().Count());
        Assert.All(taken, static d => Assert.Equal(2, d.RetryCount));
        var more = subscription.NextAsync();
        Assert.False(more.IsCompleted);
        Assert.All(await Task.WhenAll(taken.Select(static d => d.AckAsync())), static r => Assert.Equal(SettleResult.Settled, r));
        await subscription.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => more);
    }

    [Fact]
    public async Task What_a_program_asks_for_beyond_the_brokers_limit_is_what_the_broker_allows()
    {
        var settings = new EmbeddedBrokerSettings();
        settings.Broker.MaxInFlight = 10;
        await using var broker = await EmbeddedBroker.CreateAsync(settings);
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        await using var subscription = await client.SubscribeAsync("e");
        var handled = new Counted();
        await using var handler = await new EventBus(client).Event<byte[]>("e").SubscribeAsync(
            (_, _) =>
            {
                handled.Increment();
                return Task.CompletedTask;
            },
            new HandlerOptions { Concurrency = 20 });
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 11).Select(static i => Clients.Message($"{i}"))]);

        var first = await subscription.NextAsync(10);
        await first[0].AckAsync();
        Assert.Equal("10", (await subscription.NextAsync()).Id);
        await handled.ReachAsync(11);

        // Refused once; from then on the limit is known.
        Assert.Equal(3, broker.Requests.Count("Subscribe"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("g")]
    public async Task With_latest_only_what_has_piled_up_is_left_out(string? group)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { LatestOnly = true, WorkerGroup = group });
        await client.PublishAsync("e", "first");
        var first = await subscription.NextAsync();
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 9).Select(static i => Clients.Message($"{i}"))]);

        await first.AckAsync();

        Assert.Equal("8", (await subscription.NextAsync()).Id);
    }

    private static Counted CountAcks(EmbeddedBroker broker)
    {
        var calls = new Counted();
        broker.Requests.Door = context =>
        {
            if (context.Request.Path.Value!.EndsWith("/Ack", StringComparison.Ordinal))
            {
                context.Response.OnCompleted(() =>
                {
                    calls.Increment();
                    return Task.CompletedTask;
                });
            }

            return Task.CompletedTask;
        };
        return calls;
    }
}
