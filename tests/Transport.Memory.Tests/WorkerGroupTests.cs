using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class WorkerGroupTests
{
    [Fact]
    public async Task A_taken_over_member_ends_and_what_it_held_goes_on_at_once()
    {
        await using var harness = await Harness.StartAsync();
        var older = await harness.JoinAsync(consumerId: "w");
        await harness.PublishAsync(1);
        var held = Assert.Single(older.ReadOnce());
        var newer = await harness.JoinAsync(consumerId: "w");
        var elsewhere = await harness.JoinAsync("other", consumerId: "w");
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => older.ReadOnce()).Code);
        Assert.Equal([held], older.Probe.Lost);
        Assert.Empty(elsewhere.ReadOnce());
        Assert.Equal(1, Assert.Single(newer.ReadOnce()).RetryCount);
        await older.DisposeAsync();
        Assert.Equal(1, (await harness.DescribeAsync(PlaceKind.WorkerGroup, ""))!.Members);
        Assert.Empty(newer.ReadOnce());
    }

    [Fact]
    public async Task What_a_taken_over_member_held_wakes_the_others()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 2 });
        var older = await harness.JoinAsync(consumerId: "w");
        await harness.PublishAsync(3);
        Assert.Equal(1, older.ReadOnce()[0].Missed);
        var other = await harness.JoinAsync();
        var signalled = other.DemandWhenEmpty();
        await harness.JoinAsync(consumerId: "w");
        Assert.True(signalled.IsCompleted);

        // Nobody knows whether the older one was told of what was missed.
        Assert.Equal([(1, 1, 1L), (2, 1, 0L)], other.ReadOnce().Select(static d => (Harness.Number(d), d.RetryCount, d.Missed)));
    }

    [Fact]
    public async Task Latest_only_in_a_group_leaves_out_what_is_overtaken_for_all()
    {
        await using var harness = await Harness.StartAsync();
        var member = await harness.SubscribeAsync(LatestOnly());
        await harness.PublishAsync(5);
        Assert.Equal([4], Harness.Numbers(member.ReadOnce()));
        await harness.PublishAsync(2);
        Assert.Equal([6], Harness.Numbers(member.ReadOnce()));
        Assert.Empty((await harness.SubscribeAsync(LatestOnly())).ReadOnce());
    }

    [Fact]
    public async Task What_is_too_old_for_a_group_is_not_missed_when_retention_removes_it()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 3 });
        var member = await harness.SubscribeAsync(Aged(TimeSpan.FromSeconds(10)));
        await harness.PublishAsync(5);
        harness.Clock.Advance(TimeSpan.FromSeconds(11));
        await harness.PublishAsync(2);
        Assert.Equal([(5, 0L), (6, 0L)], member.ReadOnce().Select(static d => (Harness.Number(d), d.Missed)));
    }

    [Fact]
    public async Task The_options_of_a_group_are_fixed_by_its_first_member()
    {
        await using var harness = await Harness.StartAsync();
        await harness.SubscribeAsync(Aged(TimeSpan.FromMinutes(1)));
        await harness.SubscribeAsync(Aged(TimeSpan.FromMinutes(1)));

        async Task<string> RefusedAsync(SubscribeOptions options)
        {
            var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.SubscribeAsync(options));
            Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
            return failure.Message;
        }

        Assert.Contains("max_age", await RefusedAsync(Aged(TimeSpan.FromMinutes(2))), StringComparison.Ordinal);
        Assert.Contains("max_age", await RefusedAsync(Aged(null)), StringComparison.Ordinal);
        Assert.Contains("latest_only", await RefusedAsync(Aged(TimeSpan.FromMinutes(1), latestOnly: true)), StringComparison.Ordinal);
        Assert.Equal(2, (await harness.DescribeAsync(PlaceKind.WorkerGroup, "aged"))!.Members);

        await harness.JoinAsync("ageless");
        var aged = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "ageless", MaxAge = TimeSpan.FromMinutes(1) };
        Assert.Contains("max_age is none", await RefusedAsync(aged), StringComparison.Ordinal);

        // A group that was made by moving it has no member yet.
        await harness.SeekAsync(PlaceKind.WorkerGroup, "", StartPosition.Beginning);
        await harness.SubscribeAsync(LatestOnly());
        Assert.Contains("latest_only", await RefusedAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_position_is_that_of_a_new_group_and_a_member_hears_when_it_was_not_used()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        await harness.PublishAsync(3);
        Assert.Equal(ResumeOutcome.NotAsked, (await harness.JoinAsync("a")).Subscription.Resume);
        var first = await harness.JoinAsync("b", start: StartPosition.Beginning);
        Assert.Equal(ResumeOutcome.New, first.Subscription.Resume);
        await first.CompleteAsync(first.ReadOnce(1));
        Assert.Equal(ResumeOutcome.NotAsked, (await harness.JoinAsync("b")).Subscription.Resume);
        Assert.Equal(ResumeOutcome.Kept, (await harness.JoinAsync("b", start: StartPosition.Beginning)).Subscription.Resume);
        await harness.PublishAsync(10);
        Assert.Equal(ResumeOutcome.Lost, (await harness.JoinAsync("b", start: StartPosition.Latest)).Subscription.Resume);
    }

    [Fact]
    public async Task A_cursor_is_refused()
    {
        await using var harness = await Harness.StartAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.SubscribeAsync(
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
        Assert.Equal([SettlementOutcome.LeaseLost], await member.CompleteAsync(taken[0]));
        Assert.Equal(SettlementOutcome.LeaseLost, await member.ReleaseAsync(taken[1], TimeSpan.FromSeconds(1)));
        await member.DisposeAsync();
        Assert.Equal([0, 1, 2], Harness.Numbers(taken));
        Assert.Equal(0, await harness.DetailAsync("retained_bytes"));
        Assert.Equal(0, await harness.DetailAsync("waiting_bytes"));
        Assert.Equal(0, await harness.DetailAsync("subscriptions"));
    }

    private static SubscribeOptions LatestOnly() => new() { Mode = DeliveryMode.WorkerPool, LatestOnly = true };

    private static SubscribeOptions Aged(TimeSpan? age, bool latestOnly = false) =>
        new() { Mode = DeliveryMode.WorkerPool, WorkerGroup = "aged", MaxAge = age, LatestOnly = latestOnly };
}
