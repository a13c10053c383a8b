using EventBroker.Loads.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Redis loses what it had: everything is made again, and what is lost is told.</summary>
public sealed class RecoveryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task After_everything_was_flushed_groups_readers_and_options_are_made_again_and_the_loss_is_told()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", new EventOptions { Retention = TimeSpan.FromSeconds(5_000) }, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        var consumer = await Harness.SubscribeAsync(host, "e", new SubscribeOptions { ConsumerId = "c" });
        var reader = await Harness.SubscribeAsync(host, "e");
        await harness.PublishAsync(host, "e", "held", "lost");
        var held = await worker.TakeOneAsync();
        var told = worker.Probe.NextLoss;

        var database = await harness.GetDatabaseAsync();
        await database.ExecuteAsync("FLUSHALL");
        await told.WaitAsync(Harness.Patience);
        Assert.Equal(["held"], worker.Probe.Lost.Select(TestSubscriber.Text));
        Assert.Equal([SettlementOutcome.LeaseLost], await worker.CompleteAsync(held));
        await harness.PublishPersistentlyAsync(host, "e", "after");
        foreach (var subscriber in new[] { worker, consumer, reader })
        {
            Delivery taken;
            do
            {
                // What it had read already is not taken from it.
                taken = await subscriber.TakeOneAsync();
            }
            while (TestSubscriber.Text(taken) is "held" or "lost");

            Assert.Equal("after", TestSubscriber.Text(taken));
            Assert.True(subscriber == reader || taken.Missed > 0);
        }

        Assert.Equal(TimeSpan.FromSeconds(5_000), (await host.DescribeAsync("e", CancellationToken.None)).Options.Retention);
        Assert.Equal(["e"], await host.ListAsync(CancellationToken.None));
        Assert.Single(harness.Log.Lines, static l => l.Contains("has lost event", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flushed_under_load_groups_are_there_again_and_the_loss_is_told()
    {
        await using var harness = await Harness.StartServerAsync();
        var (host, other) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        var load = await Load.BeginAsync(host, "one", "other");
        foreach (var at in new[] { host, other })
        {
            load.Publish(at, 2);
            _ = load.Consume(at);
        }

        var database = await harness.GetDatabaseAsync();
        for (var round = 0; round < 3; round++)
        {
            await load.ComesOnAsync();
            var missed = load.Missed;
            await database.ExecuteAsync("FLUSHALL");
            var begin = TimeProvider.System.GetTimestamp();
            await Harness.UntilAsync(async () =>
                await database.KeyExistsAsync(harness.Stream("e")) && (await database.StreamGroupInfoAsync(harness.Stream("e"))).Length == 2);
            output.WriteLine($"groups were there again after {TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
            await load.ComesOnAsync();
            await Harness.UntilAsync(() => Task.FromResult(load.Missed > missed));
        }

        await load.EndPublishersAsync();
        await load.EndWorkersAsync();
    }

    [Fact]
    public async Task A_server_that_comes_back_empty_finds_all_its_groups_again()
    {
        await using var harness = await Harness.StartServerAsync();
        var (one, other) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        await one.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var here = await Harness.JoinAsync(one, "e");
        var there = await Harness.JoinAsync(other, "e", "other");
        await harness.PublishAsync(one, "e", "before");
        await here.CompleteNextAsync();
        await there.CompleteNextAsync();
        for (var round = 0; round < 2; round++)
        {
            await harness.Server.KillAsync();
            await harness.Server.StartAgainAsync();
            await harness.PublishPersistentlyAsync(other, "e", "after");
            Assert.Equal("after", await here.CompleteNextAsync());
            Assert.Equal("after", await there.CompleteNextAsync());
        }
    }

    [Fact]
    public async Task A_group_that_somebody_destroyed_goes_on_where_it_was()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a", "b");
        var taken = await worker.TakeAsync(2);
        await worker.CompleteAsync(taken[0]);
        var database = await harness.GetDatabaseAsync();
        await database.StreamDeleteConsumerGroupAsync(harness.Stream("e"), "g:g");
        await harness.PublishAsync(host, "e", "c");
        var next = await worker.TakeOneAsync();
        Assert.Equal("c", TestSubscriber.Text(next));
        Assert.True(next.Missed > 0);
        Assert.Equal([SettlementOutcome.LeaseLost, SettlementOutcome.Done], await worker.CompleteAsync(taken[1], next));
        Assert.Single(harness.Log.Lines, static l => l.Contains("has lost consumer group", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_is_gone_is_made_again_by_whoever_publishes()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var reader = await Harness.SubscribeAsync(host, "e");
        await harness.PublishAsync(host, "e", "a");
        Assert.Equal(["a"], await reader.TakeTextAsync(1));
        var database = await harness.GetDatabaseAsync();
        await database.KeyDeleteAsync(harness.Stream("e"));
        await harness.PublishAsync(host, "e", "b");
        var next = await reader.TakeOneAsync();
        Assert.Equal("b", TestSubscriber.Text(next));
        Assert.True(next.Missed > 0);
    }

    /// <summary>A loss and an unregistration look alike to a host that heard nothing of it.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task An_event_that_was_unregistered_while_a_host_was_away_stays_gone()
    {
        await using var harness = await Harness.ShareServerAsync();
        var (here, away) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        await here.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(away, "e");
        await harness.PublishAsync(away, "e", "a");
        await worker.CompleteNextAsync();
        harness.WireOf(away).Cut();
        await here.UnregisterAsync("e", CancellationToken.None);
        var ended = worker.DemandWhenEmpty();
        harness.WireOf(away).Mend();
        await ended.WaitAsync(Harness.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => worker.ReadOnce()).Code);
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.PublishAsync(away, "e", "b"));
        Assert.Equal(BrokerErrorCode.NotFound, failure.Code);
        Assert.Empty(await here.ListAsync(CancellationToken.None));
    }
}
