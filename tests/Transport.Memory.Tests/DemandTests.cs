using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class DemandTests
{
    [Fact]
    public async Task Free_members_get_turns_in_the_order_in_which_they_began_to_wait()
    {
        await using var harness = await Harness.StartAsync();
        var members = new[] { await harness.JoinAsync(), await harness.JoinAsync(), await harness.JoinAsync() };
        foreach (var member in members)
        {
            _ = member.DemandWhenEmpty();
        }

        for (var turn = 0; turn < 9; turn++)
        {
            var before = members.Select(static m => m.Probe.Count).ToArray();
            await harness.PublishAsync(1);
            var woken = Assert.Single(Enumerable.Range(0, 3), i => members[i].Probe.Count > before[i]);
            Assert.Equal(turn % 3, woken);
            Assert.Equal([turn], Harness.Numbers(members[woken].ReadOnce()));
            _ = members[woken].Demand();
        }
    }

    [Fact]
    public async Task A_member_that_demands_nothing_is_not_woken_and_a_read_without_room_ends_its_demand()
    {
        await using var harness = await Harness.StartAsync();
        var silent = await harness.JoinAsync();
        var full = await harness.JoinAsync();
        var free = await harness.JoinAsync();
        _ = full.DemandWhenEmpty();
        _ = free.DemandWhenEmpty();
        Assert.Empty(full.ReadOnce(0));
        await harness.PublishAsync(1);
        Assert.Equal((0, 0, 1), (silent.Probe.Count, full.Probe.Count, free.Probe.Count));

        // Woken, and without room by then: the next one is woken in its place.
        var woken = silent.Demand();
        Assert.True(woken.IsCompleted);
        Assert.Empty(silent.ReadOnce(0));
        var next = full.Demand();
        Assert.True(next.IsCompleted);
        Assert.Equal([0], Harness.Numbers(full.ReadOnce()));
    }

    [Fact]
    public async Task A_wake_up_that_comes_in_vain_is_passed_on()
    {
        await using var harness = await Harness.StartAsync();
        var full = await harness.JoinAsync();
        var free = await harness.JoinAsync();
        var first = full.DemandWhenEmpty();
        var second = free.DemandWhenEmpty();
        await harness.PublishAsync(1);
        Assert.Equal((true, false), (first.IsCompleted, second.IsCompleted));
        Assert.Empty(full.ReadOnce(0));
        Assert.True(second.IsCompleted);
    }

    [Fact]
    public async Task A_burst_is_claimed_in_runs_while_others_wait()
    {
        await using var harness = await Harness.StartAsync();
        var members = new List<TestSubscriber>();
        for (var i = 0; i < 8; i++)
        {
            members.Add(await harness.JoinAsync());
            _ = members[i].DemandWhenEmpty();
        }

        // Seven runs of 16 hold a hundred.
        await PublishBatchAsync(harness, 100);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 0], members.Select(static m => m.Probe.Count));

        // The eighth waits, so the first takes a run and passes the rest on.
        Assert.Equal(Enumerable.Range(0, 16), Harness.Numbers(members[0].ReadOnce(64)));
        Assert.Equal(1, members[7].Probe.Count);
        Assert.Equal(Enumerable.Range(16, 16), Harness.Numbers(members[7].ReadOnce(64)));
    }

    [Fact]
    public async Task Members_that_want_one_at_a_time_are_all_woken_for_a_burst()
    {
        await using var harness = await Harness.StartAsync();
        var members = new List<TestSubscriber>();
        for (var i = 0; i < 8; i++)
        {
            members.Add(await harness.JoinAsync());
            _ = members[i].DemandWhenEmpty(1);
        }

        await PublishBatchAsync(harness, 5);
        Assert.Equal([1, 1, 1, 1, 1, 0, 0, 0], members.Select(static m => m.Probe.Count));
    }

    [Fact]
    public async Task A_woken_member_that_does_not_come_is_replaced_by_the_next()
    {
        await using var harness = await Harness.StartAsync();
        var stuck = await harness.JoinAsync();
        var free = await harness.JoinAsync();
        _ = stuck.DemandWhenEmpty();
        _ = free.DemandWhenEmpty();
        await harness.PublishAsync(1);
        Assert.Equal((1, 0), (stuck.Probe.Count, free.Probe.Count));
        harness.Clock.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(1, free.Probe.Count);
        Assert.Equal([0], Harness.Numbers(free.ReadOnce()));
    }

    [Fact]
    public async Task A_member_that_gives_much_back_leaves_a_share_to_those_it_woke()
    {
        await using var harness = await Harness.StartAsync();
        var giver = await harness.JoinAsync();
        await harness.PublishAsync(40);
        var held = giver.ReadOnce(64);
        Assert.Equal(40, held.Count);
        var free = await harness.JoinAsync();
        _ = free.DemandWhenEmpty();
        await giver.SettleAsync(held.Select(static d => TestSubscriber.Release(d)));

        // The other was woken; the giver comes first all the same.
        Assert.Equal(1, free.Probe.Count);
        Assert.Equal(16, giver.ReadOnce(64).Count);
        Assert.Equal(24, free.ReadOnce(64).Count);
    }

    private static async Task PublishBatchAsync(Harness harness, int count)
    {
        var batch = new PublishBatch();
        for (var i = 0; i < count; i++)
        {
            batch.Add(new TransportMessage(Harness.Message(i)));
        }

        await harness.Transport.PublishAsync(Harness.Event, batch, CancellationToken.None);
    }
}
