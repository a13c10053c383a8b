using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Tests;

// What a place keeps, and what it lets go on.
public sealed class PlacesTests
{
    [Theory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_settled_behind_a_gap_does_not_come_again_and_counts_are_kept(PlaceKind kind)
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var first = await OpenAsync(host, kind);
        await harness.PublishAsync(host, Numbers(0, 100));
        var taken = await first.TakeAsync(80);
        await first.CompleteAsync(taken.Where(static (_, i) => i % 10 != 0));
        await first.ReleaseAsync(taken[10], attempts: 5);
        await first.ReleaseAsync(taken[20], reason: SettlementReason.NeverSent);
        await host.DisposeAsync();

        // Those that were held count once, the one that nobody got does not, and what was not read comes for the first time.
        var next = await OpenAsync(await harness.StartHostAsync(), kind);
        var again = await next.TakeAsync(28);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(static i => (i * 10, i switch { 1 => 5, 2 => 0, _ => 1 })).Concat(Enumerable.Range(80, 20).Select(static i => (i, 0))),
            again.Select(static d => (int.Parse(TestSubscriber.Text(d), CultureInfo.InvariantCulture), d.RetryCount)).Order());
        Assert.All(await next.CompleteAsync(again), static o => Assert.Equal(SettlementOutcome.Done, o));
    }

    [Fact]
    public async Task A_message_nacked_every_time_comes_each_time_and_its_offset_is_never_passed()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "bad", "good");
        for (var attempt = 0; attempt < 6; attempt++)
        {
            foreach (var delivery in await worker.TakeAsync(attempt == 0 ? 2 : 1))
            {
                if (TestSubscriber.Text(delivery) == "good")
                {
                    Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(delivery));
                    continue;
                }

                Assert.Equal(attempt, delivery.RetryCount);
                Assert.Equal(SettlementOutcome.Done, await worker.ReleaseAsync(delivery));
            }

            // Now and then the host is another one.
            if (attempt % 2 == 1)
            {
                await host.DisposeAsync();
                host = await harness.StartHostAsync();
                worker = await Harness.JoinAsync(host);
            }
        }

        await worker.TakeOneAsync();
        var group = Assert.Single((await host.DescribeAsync("e", CancellationToken.None)).Groups);
        Assert.Equal((0, 1), (group.Lag, group.Unsettled));
        Assert.Equal(0, await harness.GetCommittedAsync());
    }

    [Fact]
    public async Task Messages_of_one_key_come_one_after_the_other_while_others_go_on()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var one = await Harness.JoinAsync(host);
        var other = await Harness.JoinAsync(host);
        await harness.PublishKeyedAsync(host, "a:1", "a:2", "b:1", "a:3", "c:1", "b:2");
        var held = await one.TakeOneAsync();
        Assert.Equal("a:1", TestSubscriber.Text(held));
        Assert.Equal(["b:1", "c:1"], (await other.TakeTextAsync(2)).Order());
        Assert.Empty(other.ReadOnce());

        // Given back it is still the first of its key.
        await one.ReleaseAsync(held);
        var again = await other.TakeOneAsync();
        Assert.Equal(("a:1", 1), (TestSubscriber.Text(again), again.RetryCount));
        Assert.Empty(one.ReadOnce());
        await other.CompleteAsync(again);
        Assert.Equal("a:2", await one.CompleteNextAsync());
        Assert.Equal("a:3", await one.CompleteNextAsync());
    }

    /// <summary>A message is held for longer than Kafka waits between two polls: the host stays in the group.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task A_slow_worker_keeps_its_message_beyond_the_longest_poll_interval()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.Consumer["max.poll.interval.ms"] = "1500");
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "a");
        var held = await worker.TakeOneAsync();
        await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System);
        Assert.Empty(worker.Probe.Lost);
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(held));
        await host.DisposeAsync();
        var next = await Harness.JoinAsync(await harness.StartHostAsync());
        Assert.Empty(next.ReadOnce());
        await harness.PublishAsync(await harness.StartHostAsync(), "b");
        Assert.Equal("b", await next.CompleteNextAsync());
    }

    [Fact]
    public async Task Whatever_is_published_right_after_subscribing_arrives()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        for (var round = 0; round < 20; round++)
        {
            var text = round.ToString(CultureInfo.InvariantCulture);
            var subscriber = round % 2 == 0
                ? await Harness.SubscribeAsync(host)
                : await Harness.JoinAsync(host, "g" + text);
            await harness.PublishAsync(host, text);
            Assert.Equal([text], await subscriber.TakeTextAsync(1));
            await subscriber.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_partition_stops_at_the_bound_behind_a_stuck_message_tells_it_and_goes_on_when_it_is_settled()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.MaxUnsettledSpan = 100);
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "stuck");
        var stuck = await worker.TakeOneAsync();
        for (var i = 0; i < 10; i++)
        {
            await harness.PublishAsync(host, Numbers(i * 20, 20));
            await worker.CompleteAsync(worker.ReadOnce());
        }

        await Harness.UntilAsync(async () =>
        {
            await worker.CompleteAsync(worker.ReadOnce());
            return (await host.CheckHealthAsync(CancellationToken.None)).Status == TransportHealthStatus.Degraded;
        });
        Assert.Contains(harness.Log.Lines, static l => l.Contains("is paused", StringComparison.Ordinal));
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(stuck));
        await harness.PublishAsync(host, "end");
        while (await worker.CompleteNextAsync() != "end")
        {
        }

        Assert.Equal(TransportHealthStatus.Healthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task One_message_that_is_never_settled_costs_nothing_but_itself()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "stuck");
        var stuck = await worker.TakeOneAsync();
        var batch = new PublishBatch();
        for (var i = 0; i < 5_000; i++)
        {
            batch.Add(new TransportMessage(harness.Message("x")));
        }

        await host.PublishAsync("e", batch, CancellationToken.None);
        for (var settled = 0; settled < 5_000;)
        {
            var read = await worker.TakeAsync(Math.Min(500, 5_000 - settled));
            await worker.CompleteAsync(read);
            settled += read.Count;
        }

        // What is shown is true: one is open.
        var group = Assert.Single((await host.DescribeAsync("e", CancellationToken.None)).Groups);
        Assert.Equal((0, 1), (group.Lag, group.Unsettled));
        Assert.Equal(5_001, worker.Subscription.UnsettledSpan);
        Assert.Equal(0, await harness.GetCommittedAsync());
        await host.DisposeAsync();
        var next = await Harness.JoinAsync(await harness.StartHostAsync());
        Assert.Equal("stuck", await next.CompleteNextAsync());
        Assert.Equal([SettlementOutcome.LeaseLost], await worker.CompleteAsync(stuck));
        Assert.Empty(next.ReadOnce());
    }

    private static Task<TestSubscriber> OpenAsync(ITransport host, PlaceKind kind) => kind == PlaceKind.WorkerGroup
        ? Harness.JoinAsync(host)
        : Harness.SubscribeAsync(host, new SubscribeOptions { ConsumerId = "c" });

    private static IEnumerable<string> Numbers(int from, int count) =>
        Enumerable.Range(from, count).Select(static n => n.ToString(CultureInfo.InvariantCulture));
}
