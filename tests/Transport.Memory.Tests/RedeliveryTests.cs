using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class RedeliveryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_delays_are_both_met_whichever_is_the_longer(bool longerFirst)
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(2);
        var read = member.ReadOnce();
        await member.ReleaseAsync(read[longerFirst ? 1 : 0], TimeSpan.FromMilliseconds(longerFirst ? 700 : 300));
        await member.ReleaseAsync(read[longerFirst ? 0 : 1], TimeSpan.FromMilliseconds(longerFirst ? 300 : 700));
        foreach (var (number, rest) in new[] { (0, 299), (1, 399) })
        {
            var signalled = member.DemandWhenEmpty();
            harness.Clock.Advance(TimeSpan.FromMilliseconds(rest));
            Assert.False(signalled.IsCompleted);
            harness.Clock.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(signalled.IsCompleted);
            Assert.Equal([number], Harness.Numbers(member.ReadOnce()));
        }
    }

    [Theory]
    [InlineData(DeliveryMode.WorkerPool)]
    [InlineData(DeliveryMode.Broadcast)]
    public async Task Five_nacks_20_ms_apart_all_come_back_when_they_are_due(DeliveryMode mode)
    {
        await using var harness = await Harness.StartAsync();
        var member = mode == DeliveryMode.WorkerPool ? await harness.JoinAsync() : await harness.OpenAsync();
        await harness.PublishAsync(5);
        foreach (var delivery in member.ReadOnce())
        {
            await member.ReleaseAsync(delivery, TimeSpan.FromMilliseconds(500));
            harness.Clock.Advance(TimeSpan.FromMilliseconds(20));
        }

        harness.Clock.Advance(TimeSpan.FromMilliseconds(399));
        for (var number = 0; number < 5; number++)
        {
            var signalled = member.DemandWhenEmpty(1);
            harness.Clock.Advance(TimeSpan.FromMilliseconds(20));
            Assert.True(signalled.IsCompleted);
            Assert.Equal([number], Harness.Numbers(member.ReadOnce(1)));
        }
    }

    [Fact]
    public async Task Redeliveries_that_come_due_while_nobody_demands_are_there_for_whoever_does_next()
    {
        await using var harness = await Harness.StartAsync();
        var one = await harness.JoinAsync();
        var other = await harness.JoinAsync();
        await harness.PublishAsync(2);
        foreach (var delivery in one.ReadOnce())
        {
            await one.ReleaseAsync(delivery, TimeSpan.FromSeconds(1));
        }

        harness.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 0), (one.Probe.Count, other.Probe.Count));
        Assert.True(other.Demand(1).IsCompleted);
        Assert.True(one.Demand(1).IsCompleted);
        Assert.Equal([0], Harness.Numbers(one.ReadOnce(1)));
        Assert.Equal([1], Harness.Numbers(other.ReadOnce(1)));
    }

    [Fact]
    public async Task Delayed_redeliveries_wait_in_a_group_without_members()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.JoinAsync("g");
        await harness.PublishAsync(2);
        var read = first.ReadOnce();
        await first.ReleaseAsync(read[0], TimeSpan.FromHours(1));
        await first.ReleaseAsync(read[1], TimeSpan.FromHours(2));
        await first.DisposeAsync();
        harness.Clock.Advance(TimeSpan.FromHours(1.5));
        var second = await harness.JoinAsync("g");
        Assert.Equal([0], Harness.Numbers(second.ReadOnce()));
        var signalled = second.DemandWhenEmpty();
        harness.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([1], Harness.Numbers(second.ReadOnce()));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(400)]
    public async Task Delays_of_many_days_are_met(int days)
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(1);
        await member.ReleaseAsync(await member.TakeOneAsync(), TimeSpan.FromDays(days));
        var signalled = member.DemandWhenEmpty();
        for (var day = 0; day < days; day++)
        {
            Assert.False(signalled.IsCompleted);
            harness.Clock.Advance(TimeSpan.FromDays(1));
        }

        harness.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([0], Harness.Numbers(member.ReadOnce()));
    }

    [Fact]
    public async Task A_message_that_is_given_back_at_once_and_again_does_not_starve_the_others()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(10);
        var poisoned = await member.TakeOneAsync();
        var completed = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            await member.ReleaseAsync(poisoned);
            var next = await member.TakeOneAsync();
            if (Harness.Number(next) != 0)
            {
                completed.Add(Harness.Number(next));
                await member.CompleteAsync(next);
                next = await member.TakeOneAsync();
            }

            poisoned = next;
            Assert.Equal(0, Harness.Number(poisoned));
        }

        Assert.Equal(Enumerable.Range(1, 9), completed);
        Assert.Equal(20, poisoned.RetryCount);
    }

    [Fact]
    public async Task Redeliveries_and_new_messages_take_turns_within_a_claim()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(6);
        foreach (var delivery in member.ReadOnce(3))
        {
            await member.ReleaseAsync(delivery);
        }

        Assert.Equal([0, 3, 1, 4, 2, 5], Harness.Numbers(member.ReadOnce()));
    }

    [Fact]
    public async Task New_messages_do_not_starve_redeliveries_either()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(2);
        foreach (var delivery in member.ReadOnce())
        {
            await member.ReleaseAsync(delivery);
        }

        await harness.PublishAsync(100);
        Assert.Equal([0, 1], Harness.Numbers(member.ReadOnce(4)).Where(static n => n < 2));
    }

    [Fact]
    public async Task What_a_member_let_expire_goes_to_another_one_that_is_free()
    {
        await using var harness = await Harness.StartAsync();
        var stuck = await harness.JoinAsync();
        await harness.PublishAsync(2);
        var read = stuck.ReadOnce();
        var stuckAgain = stuck.Demand();
        var free = await harness.JoinAsync();
        var freed = free.DemandWhenEmpty();
        await stuck.SettleAsync(read.Select(static d => LetExpire(d)));
        Assert.True(freed.IsCompleted);
        Assert.False(stuckAgain.IsCompleted);

        // Also if the one that let them expire reads first.
        Assert.Empty(stuck.ReadOnce());
        Assert.Equal([(0, 1), (1, 1)], free.ReadOnce().Select(static d => (Harness.Number(d), d.RetryCount)));
    }

    [Fact]
    public async Task What_a_member_let_expire_comes_back_to_it_when_nobody_else_is_free()
    {
        await using var harness = await Harness.StartAsync();
        var alone = await harness.JoinAsync();
        var busy = await harness.JoinAsync();
        await harness.PublishAsync(1);
        var read = alone.ReadOnce();
        var signalled = alone.Demand();
        await alone.SettleAsync(LetExpire(read[0]));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([0], Harness.Numbers(alone.ReadOnce()));
        Assert.Equal(0, busy.Probe.Count);
    }

    [Fact]
    public async Task What_a_member_let_expire_comes_back_to_it_when_the_other_one_was_woken_and_does_not_come()
    {
        await using var harness = await Harness.StartAsync();
        var expires = await harness.JoinAsync();
        await harness.PublishAsync(1);
        var read = expires.ReadOnce();
        var stuck = await harness.JoinAsync();
        var woken = stuck.DemandWhenEmpty();
        await expires.SettleAsync(LetExpire(read[0]));
        Assert.True(woken.IsCompleted);
        var signalled = expires.DemandWhenEmpty();
        Assert.False(signalled.IsCompleted);
        harness.Clock.Advance(TimeSpan.FromMilliseconds(51));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([0], Harness.Numbers(expires.ReadOnce()));
        Assert.Empty(stuck.ReadOnce());
    }

    [Fact]
    public async Task A_delayed_redelivery_outlives_retention()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        var member = await harness.JoinAsync();
        await harness.PublishAsync(1);
        await member.ReleaseAsync(member.ReadOnce(1)[0], TimeSpan.FromSeconds(10));
        await harness.PublishAsync(20);
        harness.Clock.Advance(TimeSpan.FromSeconds(11));
        var read = member.ReadOnce();
        Assert.Equal([0, 16, 17, 18, 19, 20], Harness.Numbers(read).Order());
        Assert.Equal(15, read.Sum(static d => d.Missed));
    }

    [Fact]
    public async Task An_answer_is_given_for_each_settlement_and_a_stale_one_does_no_harm()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(3);
        var read = member.ReadOnce();
        await member.ReleaseAsync(read[0]);
        var again = await member.TakeOneAsync();
        Assert.Equal(
            [SettlementOutcome.LeaseLost, SettlementOutcome.Done, SettlementOutcome.LeaseLost, SettlementOutcome.Done],
            await member.CompleteAsync(read[0], read[1], read[1], read[2]));

        // The same message to the same member: the late answer was not for this delivery.
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(again));
    }

    private static TransportSettlement LetExpire(Delivery delivery) =>
        Sdk.Conformance.Transports.TestSubscriber.Release(delivery, reason: SettlementReason.DeadlinePassed);
}
