using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Several hosts over one Redis, of which some die.</summary>
public sealed class HostsTests
{
    [Fact]
    public async Task Two_hosts_that_make_the_same_group_at_the_same_time_both_consume_fifty_times()
    {
        await using var harness = await Harness.ShareServerAsync();
        ITransport[] hosts = [await harness.StartHostAsync(), await harness.StartHostAsync()];
        await hosts[0].RegisterAsync("e", EventOptions.None, CancellationToken.None);
        for (var round = 0; round < 50; round++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"g{round}");
            var members = await Task.WhenAll(hosts.Select(h => Harness.JoinAsync(h, "e", group)));
            await harness.PublishAsync(hosts[round % 2], "e", "a", "b");

            // Each demands one, so that both have to get something.
            var taken = await Task.WhenAll(members.Select(static m => m.TakeOneAsync()));
            Assert.Equal(["a", "b"], taken.Select(TestSubscriber.Text).Order());
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task What_a_host_that_died_held_goes_to_another_with_its_counts()
    {
        await using var harness = await Harness.ShareServerAsync();
        var (dies, lives) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        await dies.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(dies, "e");
        await harness.PublishAsync(dies, "e", "a", "b", "c");
        var taken = await worker.TakeAsync(3);
        await worker.CompleteAsync(taken[1]);
        await worker.ReleaseAsync(taken[0], attempts: 7);
        Assert.Equal(7, (await worker.TakeOneAsync()).RetryCount);
        var heir = await Harness.JoinAsync(lives, "e");
        await harness.CrashAsync(dies);
        var again = await heir.TakeAsync(2);
        Assert.Equal([("a", 8), ("c", 1)], again.Select(static d => (TestSubscriber.Text(d), d.RetryCount)).Order());
        Assert.All(await heir.CompleteAsync(again), static o => Assert.Equal(SettlementOutcome.Done, o));
    }

    [Fact]
    public async Task A_host_that_stood_still_longer_than_the_idle_limit_takes_nothing_back()
    {
        await using var harness = await Harness.ShareServerAsync();
        var (stops, lives) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        await stops.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(stops, "e");
        await harness.PublishAsync(stops, "e", "a");
        var held = await worker.TakeOneAsync();

        // It renews nothing, which is what the others see of a host that stands still.
        var heir = await Harness.JoinAsync(lives, "e");
        var told = worker.Probe.NextLoss;
        var again = await heir.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
        await told.WaitAsync(Harness.Patience);
        await worker.Subscription.RenewAsync(new[] { held }, CancellationToken.None);
        Assert.Equal([SettlementOutcome.LeaseLost], await worker.CompleteAsync(held));
        Assert.Equal(SettlementOutcome.LeaseLost, await worker.ReleaseAsync(held));
        Assert.Equal([SettlementOutcome.Done], await heir.CompleteAsync(again));
    }

    /// <summary>The word that something was taken may come after it has come again.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task What_has_come_again_is_not_lost_by_an_older_word()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync(static s => s.IdleLimit = TimeSpan.FromSeconds(30));
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a", "b");
        await worker.ReleaseAsync(await worker.TakeOneAsync());
        var taken = (await worker.TakeAsync(2)).ToDictionary(TestSubscriber.Text);
        Assert.Equal((1, 0), (taken["a"].RetryCount, taken["b"].RetryCount));
        var told = worker.Probe.NextLoss;
        var database = await harness.GetDatabaseAsync();
        var consumer = (await database.StreamPendingMessagesAsync(harness.Stream("e"), "g:g", 1, StackExchange.Redis.RedisValue.Null))[0].ConsumerName;

        // Each was handed over once by then.
        await database.PublishAsync(
            StackExchange.Redis.RedisChannel.Literal(harness.Stream("e") + ":wake:0"), $"lg:g\n{consumer}\n{Id("a")}:1 {Id("b")}:1");
        await told.WaitAsync(Harness.Patience);
        Assert.Equal(["b"], worker.Probe.Lost.Select(TestSubscriber.Text));
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(taken["a"]));

        string Id(string text) => string.Create(CultureInfo.InvariantCulture, $"{taken[text].Position.High}-{taken[text].Position.Low}");
    }

    [Fact]
    public async Task A_renewal_behind_a_settlement_does_not_call_it_lost()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync(static s => s.IdleLimit = TimeSpan.FromSeconds(30));
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a");
        var held = await worker.TakeOneAsync();
        var settling = worker.CompleteAsync(held);
        await worker.Subscription.RenewAsync(new[] { held }, CancellationToken.None);
        Assert.Empty(worker.Probe.Lost);
        Assert.Equal([SettlementOutcome.Done], await settling);
    }

    [Fact]
    public async Task Twenty_crashes_with_unsettled_messages_lose_nothing_and_leave_no_consumers_behind()
    {
        await using var harness = await Harness.ShareServerAsync();
        var publisher = await harness.StartHostAsync();
        await publisher.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await (await Harness.JoinAsync(publisher, "e")).DisposeAsync();
        for (var round = 0; round < 20; round++)
        {
            var dies = await harness.StartHostAsync();
            var worker = await Harness.JoinAsync(dies, "e");
            await harness.PublishAsync(publisher, "e", round.ToString(CultureInfo.InvariantCulture));
            await worker.TakeAsync(1);
            await harness.CrashAsync(dies);
        }

        var heir = await Harness.JoinAsync(publisher, "e");
        var seen = new HashSet<string>();
        while (seen.Count < 20)
        {
            var taken = await heir.TakeOneAsync();
            seen.Add(TestSubscriber.Text(taken));
            await heir.CompleteAsync(taken);
        }

        var database = await harness.GetDatabaseAsync();
        await Harness.UntilAsync(async () => (await database.StreamConsumerInfoAsync(harness.Stream("e"), "g:g")).Length <= 2);
    }

    [Fact]
    public async Task A_place_that_nobody_has_come_to_makes_room_for_another()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync(static s => s.MaxPlacesPerEvent = 2);
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await (await Harness.JoinAsync(host, "e", "old")).DisposeAsync();
        await Harness.JoinAsync(host, "e", "young");
        var failure = await Assert.ThrowsAsync<Sdk.Errors.BrokerException>(() => Harness.JoinAsync(host, "e", "third"));
        Assert.Equal(Sdk.Errors.BrokerErrorCode.ResourceExhausted, failure.Code);
        var database = await harness.GetDatabaseAsync();

        // A look for orphans that was on its way when the member left may come after it, and says once more that somebody was there.
        for (var attempt = 1; ; attempt++)
        {
            await database.HashSetAsync(harness.Stream("e") + ":place:g:old", "seen", 1);
            try
            {
                await Harness.JoinAsync(host, "e", "third");
                break;
            }
            catch (Sdk.Errors.BrokerException) when (attempt < 3)
            {
            }
        }

        var groups = (await host.DescribeAsync("e", CancellationToken.None)).Groups;
        Assert.Equal(["third", "young"], groups.Select(static g => g.Name).Order());
    }

    [Fact]
    public async Task A_call_whose_answer_was_lost_gives_its_messages_back_by_the_idle_limit()
    {
        await using var harness = await Harness.ShareServerAsync();
        var (publisher, reader) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        await publisher.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(reader, "e");
        var demanded = worker.DemandWhenEmpty();
        harness.WireOf(reader).Swallow();
        await harness.PublishAsync(publisher, "e", "a");
        harness.WireOf(reader).Mend();
        await demanded.WaitAsync(Harness.Patience);
        Assert.Equal("a", await worker.CompleteNextAsync());
    }
}
