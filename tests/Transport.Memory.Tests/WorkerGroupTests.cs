using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class WorkerGroupTests
{
    [Fact]
    public async Task Free_members_get_turns_in_the_order_in_which_they_began_to_wait()
    {
        await using var harness = await Harness.StartAsync();
        var members = new[] { await harness.JoinAsync(), await harness.JoinAsync(), await harness.JoinAsync() };
        Assert.All(members, static m => Assert.Empty(m.ReadOnce()));
        for (var turn = 0; turn < 9; turn++)
        {
            var before = members.Select(static m => m.Ready.Count).ToArray();
            await harness.PublishAsync(1);
            var woken = Assert.Single(Enumerable.Range(0, 3), i => members[i].Ready.Count > before[i]);
            Assert.Equal(turn % 3, woken);
            Assert.Equal([turn], Harness.Numbers(members[woken].ReadOnce()));
        }
    }

    [Fact]
    public async Task A_burst_is_claimed_in_runs_while_others_wait()
    {
        await using var harness = await Harness.StartAsync();
        var members = new List<TestSubscriber>();
        for (var i = 0; i < 8; i++)
        {
            members.Add(await harness.JoinAsync());
            Assert.Empty(members[i].ReadOnce());
        }

        var batch = new PublishBatch();
        for (var i = 0; i < 100; i++)
        {
            batch.Add(Harness.Message(i));
        }

        // Seven runs of 16 hold a hundred.
        await harness.Transport.PublishAsync(Harness.Event, batch, CancellationToken.None);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 0], members.Select(static m => m.Ready.Count));

        // The eighth waits, so the first takes a run and passes the rest on; then nobody is left waiting but itself.
        Assert.Equal(Enumerable.Range(0, 16), Harness.Numbers(members[0].ReadOnce(64)));
        Assert.Equal(1, members[7].Ready.Count);
        Assert.Equal(Enumerable.Range(16, 16), Harness.Numbers(members[7].ReadOnce(64)));
        Assert.Equal(2, members[0].Ready.Count);
    }

    [Fact]
    public async Task A_woken_member_that_does_not_come_is_replaced_by_the_next()
    {
        await using var harness = await Harness.StartAsync();
        var stuck = await harness.JoinAsync();
        var free = await harness.JoinAsync();
        Assert.Empty(stuck.ReadOnce());
        Assert.Empty(free.ReadOnce());
        await harness.PublishAsync(1);
        Assert.Equal((1, 0), (stuck.Ready.Count, free.Ready.Count));
        harness.Clock.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(1, free.Ready.Count);
        Assert.Equal([0], Harness.Numbers(free.ReadOnce()));
    }

    [Fact]
    public async Task Redeliveries_come_when_they_are_due_and_before_new_messages()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(3);
        var taken = member.ReadOnce();
        member.Subscription.Release(taken[0], TimeSpan.FromSeconds(20));
        member.Subscription.Release(taken[1], TimeSpan.FromSeconds(10));
        member.Subscription.Release(taken[2], TimeSpan.Zero);
        await harness.PublishAsync(1);
        Assert.Equal([2, 3], Harness.Numbers(member.ReadOnce()));
        var signals = member.Ready.Count;
        harness.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(signals + 1, member.Ready.Count);
        Assert.Equal([1], Harness.Numbers(member.ReadOnce()));
        harness.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([0], Harness.Numbers(member.ReadOnce()));
    }

    [Fact]
    public async Task A_delayed_redelivery_outlives_retention()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        var member = await harness.JoinAsync();
        await harness.PublishAsync(1);
        member.Subscription.Release(member.ReadOnce(1)[0], TimeSpan.FromSeconds(10));
        await harness.PublishAsync(20);
        harness.Clock.Advance(TimeSpan.FromSeconds(11));
        var read = member.ReadOnce();
        Assert.Equal([0, 16, 17, 18, 19, 20], Harness.Numbers(read));
        Assert.Equal(15, read[1].Missed);
    }

    [Fact]
    public async Task A_full_redelivery_queue_holds_new_messages_back_and_loses_nothing()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxBytesPerEvent = ByteSize.FromKibibytes(4) });
        var member = await harness.JoinAsync();
        for (var i = 0; i < 5; i++)
        {
            await harness.PublishAsync(1, size: 1_000);
            member.Subscription.Release(member.ReadOnce(1)[0], TimeSpan.FromHours(1));
        }

        await harness.PublishAsync(1, size: 1_000);

        // 5000 bytes wait where 4096 may: the one due first comes early, then there is room for the new one.
        var read = member.ReadOnce();
        Assert.Equal([0, 5], Harness.Numbers(read));
        Assert.Equal(1, read[0].RetryCount);
        harness.Clock.Advance(TimeSpan.FromHours(1.1));
        Assert.Equal([1, 2, 3, 4], Harness.Numbers(member.ReadOnce()));
    }

    [Fact]
    public async Task A_taken_over_member_ends_and_what_it_held_goes_on_when_it_closes()
    {
        await using var harness = await Harness.StartAsync();
        var older = await harness.JoinAsync(consumerId: "w");
        await harness.PublishAsync(1);
        Assert.Single(older.ReadOnce());
        var newer = await harness.JoinAsync(consumerId: "w");
        var elsewhere = await harness.JoinAsync("other", consumerId: "w");
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => older.ReadOnce()).Code);
        Assert.Empty(elsewhere.ReadOnce());
        Assert.Empty(newer.ReadOnce());
        await older.DisposeAsync();
        Assert.Equal(1, Assert.Single(newer.ReadOnce()).RetryCount);
    }

    [Fact]
    public async Task Latest_only_in_a_group_leaves_out_what_is_overtaken_for_all()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.SubscribeAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool, LatestOnly = true });
        await harness.PublishAsync(5);
        var taken = member.ReadOnce();
        Assert.Equal([4], Harness.Numbers(taken));
        member.Subscription.Release(taken[0], TimeSpan.Zero);
        var again = member.ReadOnce();
        Assert.Equal([4], Harness.Numbers(again));
        member.Subscription.Release(again[0], TimeSpan.Zero);
        await harness.PublishAsync(2);
        Assert.Equal([6], Harness.Numbers(member.ReadOnce()));
        Assert.Empty((await harness.JoinAsync()).ReadOnce());
    }

    [Fact]
    public async Task Groups_are_bounded_and_a_cursor_is_refused()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxGroupsPerEvent = 2 });
        await harness.JoinAsync();
        await harness.JoinAsync("a");
        await harness.JoinAsync("a");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.JoinAsync("b"));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        failure = await Assert.ThrowsAsync<BrokerException>(() => harness.SubscribeAsync(
            new SubscribeOptions { Mode = DeliveryMode.WorkerPool, ResumeAfter = "1-1" }));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("resume_after", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_handed_out_stays_readable_after_its_event_is_gone()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.JoinAsync();
        await harness.PublishAsync(3);
        var taken = member.ReadOnce();
        await harness.Transport.UnregisterAsync(Harness.Event, CancellationToken.None);
        member.Subscription.Complete(taken[0]);
        member.Subscription.Release(taken[1], TimeSpan.FromSeconds(1));
        await member.DisposeAsync();
        Assert.Equal([0, 1, 2], Harness.Numbers(taken));
        Assert.Equal(0, await harness.DetailAsync("retained_bytes"));
        Assert.Equal(0, await harness.DetailAsync("subscriptions"));
    }

    [Fact]
    public async Task A_member_that_gives_much_back_leaves_a_share_to_those_it_woke()
    {
        await using var harness = await Harness.StartAsync();
        var giver = await harness.JoinAsync();
        for (var i = 0; i < 40; i++)
        {
            await harness.PublishAsync(1);
        }

        var held = giver.ReadOnce(64);
        Assert.Equal(40, held.Count);
        var free = await harness.JoinAsync();
        Assert.Empty(free.ReadOnce());
        foreach (var delivery in held)
        {
            giver.Subscription.Release(delivery, TimeSpan.Zero);
        }

        // The other was woken; the giver comes first all the same.
        Assert.Equal(1, free.Ready.Count);
        Assert.Equal(16, giver.ReadOnce(64).Count);
        Assert.Equal(16, free.ReadOnce(64).Count);
    }
}
