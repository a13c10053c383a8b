using EventBroker.Client.Tests.Hosting;
using EventBroker.Sdk.Authorization;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Subscriptions;

public sealed class SubscribeTests
{
    [Fact]
    public async Task A_nacked_message_comes_back_with_retry_count_one()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1", "p");
        var first = await subscription.NextAsync();

        Assert.Equal(SettleResult.Settled, await first.NackAsync("not now"));
        var second = await subscription.NextAsync();

        Assert.Equal(("m-1", 1, ""), (second.Id, second.RetryCount, second.Cursor));
        Assert.Equal(SettleResult.Settled, await second.AckAsync());
        Assert.Equal(SettleResult.Settled, await first.AckAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => second.NackAsync(""));
    }

    [Fact]
    public async Task A_delayed_nack_lets_others_pass()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Time = time });
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        await (await subscription.NextAsync()).NackAsync("later", TimeSpan.FromSeconds(20));
        await client.PublishAsync("e", "m-2");
        Assert.Equal("m-2", (await subscription.NextAsync()).Id);

        time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
    }

    [Fact]
    public async Task An_unsettled_message_comes_again_after_its_deadline_unless_that_was_extended()
    {
        var time = new FakeTimeProvider();
        WatchedReads reads = null!;
        await using var broker = await EmbeddedBroker.CreateAsync(
            new EmbeddedBrokerSettings { Time = time, Decorate = inner => reads = new WatchedReads(inner) });

        // By its own clock it would drop what it has not taken for two seconds.
        await using var client = Clients.Open(broker.Address, time: time);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AckTimeout = TimeSpan.FromSeconds(2) });
        await client.PublishAsync("e", "m-1");
        await client.PublishAsync("e", "m-2");
        var (one, two) = (await subscription.NextAsync(), await subscription.NextAsync());
        Assert.Equal(SettleResult.Settled, await two.ExtendAsync(TimeSpan.FromMinutes(5)));

        await reads.HandedOverAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        var again = await subscription.NextAsync();

        Assert.Equal(("m-1", 1), (again.Id, again.RetryCount));
        Assert.Equal(SettleResult.Expired, await one.AckAsync());
        Assert.Equal(SettleResult.Settled, await again.AckAsync());
        Assert.Equal(SettleResult.Settled, await two.AckAsync());
        Assert.Equal(SettleResult.Expired, await two.ExtendAsync(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task With_auto_ack_there_is_nothing_to_settle()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { AutoAck = true });
        await client.PublishAsync("e", "m-1");

        var delivery = await subscription.NextAsync();

        Assert.False(delivery.NeedsSettling);
        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => delivery.NackAsync("no"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => delivery.ExtendAsync(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, broker.Requests.Count("Ack"));
    }

    [Fact]
    public async Task A_settlement_that_is_not_allowed_says_so_and_may_be_tried_again()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        var delivery = await subscription.NextAsync();
        broker.Authorizer.Decide = static _ => AuthorizationDecision.Deny("no");

        Assert.Equal(SettleResult.Denied, await delivery.AckAsync());
        broker.Authorizer.Decide = null;
        Assert.Equal(SettleResult.Settled, await delivery.AckAsync());
        Assert.Equal(2, broker.Requests.Count("Ack"));
    }

    [Fact]
    public async Task A_nack_without_a_delay_leaves_it_to_the_broker_and_one_of_zero_comes_at_once()
    {
        var time = new FakeTimeProvider();
        await using var broker = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Time = time });
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");

        await (await subscription.NextAsync()).NackAsync("at once", TimeSpan.Zero);
        var second = await subscription.NextAsync();
        await second.NackAsync("when you like");
        await client.PublishAsync("e", "m-2");

        Assert.Equal("m-2", (await subscription.NextAsync()).Id);
        time.Advance(TimeSpan.FromSeconds(1));
        var third = await subscription.NextAsync();
        Assert.Equal(("m-1", 2), (third.Id, third.RetryCount));
    }

    [Fact]
    public async Task A_worker_group_that_exists_keeps_its_place_and_the_opening_says_so()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await PublishAsync(client, 2);
        var openings = new List<ResumeOutcome>();
        var options = new SubscribeOptions
        {
            WorkerGroup = "g",
            Start = SubscriptionStart.Beginning,
            OnOpened = opening => openings.Add(opening.Resume),
        };
        await using (var first = await client.SubscribeAsync("e", options))
        {
            await (await first.NextAsync()).AckAsync();
        }

        await using var second = await client.SubscribeAsync("e", options);

        Assert.Equal("m-1", (await second.NextAsync()).Id);
        Assert.Equal([ResumeOutcome.New, ResumeOutcome.Kept], openings);
    }

    [Fact]
    public async Task A_delay_out_of_range_is_invalid_and_the_others_of_its_batch_are_settled()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => (o.SettlementBatchSize, o.SettlementLinger) = (2, TimeSpan.FromMinutes(1)));
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        await client.PublishAsync("e", "m-2");
        var deliveries = await subscription.NextAsync(2);

        var results = await Task.WhenAll(deliveries[0].NackAsync("x", TimeSpan.FromDays(1)), deliveries[1].AckAsync());

        Assert.Equal([SettleResult.Invalid, SettleResult.Settled], results);
        Assert.Equal(1, broker.Requests.Count("Ack"));
    }

    [Fact]
    public async Task A_worker_group_shares_and_a_broadcast_does_not()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var one = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        await using var two = await client.SubscribeAsync("e", new SubscribeOptions { WorkerGroup = "g" });
        await using var all = await client.SubscribeAsync("e");
        await client.PublishBatchAsync("e", [.. Enumerable.Range(0, 100).Select(static i => Clients.Message($"{i}"))]);

        Assert.Equal(100, (await all.NextAsync(100)).Count);
        var shared = new System.Collections.Concurrent.ConcurrentBag<string>();
        var taken = new Faults.Counted();
        var readers = new[] { one, two }.Select(async s =>
        {
            await foreach (var delivery in s)
            {
                shared.Add(delivery.Id);
                await delivery.AckAsync();
                taken.Increment();
            }
        }).ToList();
        await taken.ReachAsync(100);
        await one.DisposeAsync();
        await two.DisposeAsync();
        await Task.WhenAll(readers);

        Assert.Equal(100, shared.Distinct().Count());
        Assert.Equal(100, shared.Count);
    }

    [Fact]
    public async Task A_consumer_id_goes_on_where_it_stopped()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var options = new SubscribeOptions { ConsumerId = "c", Start = SubscriptionStart.Beginning };
        await PublishAsync(client, 3);
        await using (var first = await client.SubscribeAsync("e", options))
        {
            await (await first.NextAsync()).AckAsync();
        }

        await using var second = await client.SubscribeAsync("e", options);

        Assert.Equal(["m-1", "m-2"], (await second.NextAsync(2)).Select(static d => d.Id));
    }

    [Fact]
    public async Task A_taken_consumer_id_is_not_fought_for()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var first = await client.SubscribeAsync("e", new SubscribeOptions { ConsumerId = "c" });
        await using var second = await client.SubscribeAsync("e", new SubscribeOptions { ConsumerId = "c" });

        await AssertLostAsync(() => first.NextAsync());
        await PublishAsync(client, 1);
        Assert.Equal("m-0", (await second.NextAsync()).Id);
    }

    [Fact]
    public async Task A_lost_consumer_id_is_taken_back_where_that_is_asked_for()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await using var other = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var options = new SubscribeOptions { ConsumerId = "c" };
        await using var first = await client.SubscribeAsync("e", options);
        await using var second = await other.SubscribeAsync("e", options);
        await AssertLostAsync(() => first.NextAsync());

        await AssertLostAsync(() => client.SubscribeAsync("e", options));
        options.TakeOver = true;
        await using var third = await client.SubscribeAsync("e", options);

        await AssertLostAsync(() => second.NextAsync());
        await PublishAsync(client, 1);
        Assert.Equal("m-0", (await third.NextAsync()).Id);
    }

    private static async Task AssertLostAsync(Func<Task> call)
    {
        var lost = await Assert.ThrowsAsync<EventBrokerException>(call);
        Assert.Equal((ErrorCode.Aborted, true, false), (lost.Code, lost.IsTakenOver, lost.IsTransient));
    }

    [Fact]
    public async Task It_begins_where_it_was_asked_to()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var broker = await EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Time = time });
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await client.PublishAsync("e", "old");
        time.Advance(TimeSpan.FromMinutes(10));
        var middle = time.GetUtcNow();
        await client.PublishAsync("e", "middle");
        await client.PublishAsync("e", "end");

        await using var beginning = await client.SubscribeAsync("e", new SubscribeOptions { Start = SubscriptionStart.Beginning });
        await using var timestamp = await client.SubscribeAsync("e", new SubscribeOptions { Start = SubscriptionStart.Timestamp, StartTime = middle });
        await using var young = await client.SubscribeAsync("e", new SubscribeOptions { Start = SubscriptionStart.Beginning, MaxAge = TimeSpan.FromMinutes(5) });
        await using var latest = await client.SubscribeAsync("e", new SubscribeOptions { Start = SubscriptionStart.Latest });
        var all = await beginning.NextAsync(3);
        await using var cursor = await client.SubscribeAsync("e", new SubscribeOptions { ResumeAfter = all[1].Cursor });
        await client.PublishAsync("e", "new");

        Assert.Equal(["old", "middle", "end"], all.Select(static d => d.Id));
        Assert.Equal(middle, all[1].Timestamp);
        Assert.Equal(["middle", "end"], (await timestamp.NextAsync(2)).Select(static d => d.Id));
        Assert.Equal(["middle", "end"], (await young.NextAsync(2)).Select(static d => d.Id));
        Assert.Equal("new", (await latest.NextAsync()).Id);
        Assert.Equal(["end", "new"], (await cursor.NextAsync(2)).Select(static d => d.Id));
    }

    [Fact]
    public async Task An_option_that_the_broker_refuses_is_an_error_at_once()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");

        var badCursor = await Assert.ThrowsAsync<EventBrokerException>(
            () => client.SubscribeAsync("e", new SubscribeOptions { ResumeAfter = "nonsense" }));

        Assert.Equal(ErrorCode.InvalidArgument, badCursor.Code);
        Assert.Equal(1, broker.Requests.Count("Subscribe"));
    }

    [Fact]
    public async Task Options_are_copied()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var transportOptions = Clients.Options(broker.Address);
        transportOptions.Source = "before";
        await using var client = new RemoteTransport(transportOptions);
        transportOptions.Source = "after";
        transportOptions.Headers["x-late"] = "v";
        transportOptions.Retry.MaxRetries = -1;
        await client.RegisterAsync("e");
        var options = new SubscribeOptions { RegisterMissingEvent = false };
        await using var subscription = await client.SubscribeAsync("e", options);
        options.OnFault = static _ => Assert.Fail("set too late");

        await client.PublishAsync("e", "m-1");

        Assert.Equal("before", (await subscription.NextAsync()).Source);
        Assert.All(broker.Requests.Of("Publish"), static h => Assert.False(h.ContainsKey("x-late")));
    }

    private static async Task PublishAsync(RemoteTransport client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await client.PublishAsync("e", $"m-{i}");
        }
    }
}
