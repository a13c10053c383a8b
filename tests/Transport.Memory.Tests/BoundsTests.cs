using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class BoundsTests
{
    // Each of these messages takes 1000 bytes and 128 for its place: 59 are more than the limit.
    private const int FillsTheBudget = 59;

    [Fact]
    public async Task A_delayed_nack_above_the_budget_is_refused_by_name_and_stays_held()
    {
        await using var harness = await Harness.StartAsync(Tight());
        var member = await harness.JoinAsync();
        await FillAsync(harness, member);
        var last = member.Probe.Held[0];
        var refused = TestSubscriber.Release(last, TimeSpan.FromSeconds(1));
        var entries = new[] { refused };
        await member.Subscription.SettleAsync(entries, CancellationToken.None);
        Assert.Equal(SettlementOutcome.Failed, entries[0].Outcome);
        Assert.Equal(BrokerErrorCode.ResourceExhausted, entries[0].Failure?.Code);
        Assert.Contains("maxWaitingBytes", entries[0].Failure?.Message, StringComparison.Ordinal);
        Assert.Equal(1, await harness.DetailAsync("refused_redeliveries"));

        // Every other way of giving back is open.
        Assert.Equal(SettlementOutcome.Done, await member.ReleaseAsync(last));
        Assert.Equal(
            SettlementOutcome.Done,
            await member.ReleaseAsync(member.ReadOnce(1)[0], TimeSpan.FromHours(3), SettlementReason.Disconnected));
    }

    [Fact]
    public async Task Above_the_budget_nothing_new_is_taken_and_nothing_comes_before_its_time()
    {
        await using var harness = await Harness.StartAsync(Tight());
        var member = await harness.JoinAsync();
        await FillAsync(harness, member);
        await member.CompleteAsync(member.Probe.Held);
        await harness.PublishAsync(1);
        var signalled = member.DemandWhenEmpty();
        harness.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(signalled.IsCompleted);
        Assert.Empty(member.ReadOnce());
        signalled = member.Demand();
        harness.Clock.Advance(TimeSpan.FromMinutes(1.1));
        Assert.True(signalled.IsCompleted);
        var read = member.ReadOnce(100);
        Assert.Equal(Enumerable.Range(0, FillsTheBudget).Append(FillsTheBudget + 1), Harness.Numbers(read).Order());
        Assert.Equal(0, await harness.DetailAsync("waiting_bytes"));
    }

    [Fact]
    public async Task A_place_that_was_held_back_is_woken_when_another_one_makes_room()
    {
        await using var harness = await Harness.StartAsync(Tight());
        var large = await harness.JoinAsync("large");
        var small = await harness.JoinAsync("small");
        var other = await harness.JoinAsync("other");
        await harness.PublishAsync(1);
        await small.ReleaseAsync(small.ReadOnce()[0], TimeSpan.FromHours(2));
        await other.CompleteAsync(other.ReadOnce());
        await large.CompleteAsync(large.ReadOnce());
        await FillAsync(harness, large);
        var held = small.DemandWhenEmpty();
        Assert.False(held.IsCompleted);

        // A group that has nothing waiting is not concerned.
        Assert.NotEmpty(other.ReadOnce());
        await harness.SeekAsync(PlaceKind.WorkerGroup, "large", StartPosition.Latest);
        await held.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.NotEmpty(small.ReadOnce());
    }

    [Fact]
    public async Task Above_the_budget_what_is_given_back_at_once_stays_in_the_log_only_and_retention_holds_for_it()
    {
        var settings = Tight();
        settings.MaxMessagesPerEvent = 100;
        await using var harness = await Harness.StartAsync(settings);
        await FillAsync(harness, await harness.JoinAsync());
        var before = await harness.DetailAsync("waiting_bytes");
        var first = await harness.OpenAsync("c", StartPosition.Beginning);
        var second = await harness.OpenAsync("d", StartPosition.Beginning);
        Assert.Equal(40, first.ReadOnce(40).Count);
        Assert.Equal(40, second.ReadOnce(40).Count);
        await first.DisposeAsync();
        await second.DisposeAsync();
        Assert.InRange(await harness.DetailAsync("waiting_bytes"), before, before + 20_000);
        var read = (await harness.OpenAsync("c")).ReadOnce(40);
        Assert.Equal(Enumerable.Range(0, 40).Select(static n => (n, 1)), read.Select(static d => (Harness.Number(d), d.RetryCount)));

        // The first 10 go, and the other consumer id hears of it with its next new message.
        await harness.PublishAsync(50, size: 1_000);
        var again = (await harness.OpenAsync("d")).ReadOnce(31);
        Assert.Equal(Enumerable.Range(10, 31), Harness.Numbers(again));
        Assert.Equal(10, again[^1].Missed);
        Assert.Equal(10, await harness.DetailAsync("missed"));
    }

    [Fact]
    public async Task What_waits_takes_nothing_from_other_events()
    {
        await using var harness = await Harness.StartAsync(
            new MemorySettings { MaxTotalBytes = ByteSize.FromKibibytes(256), MaxWaitingBytes = ByteSize.FromMebibytes(16) });
        await harness.Transport.RegisterAsync("other", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(10, size: 1_000, eventName: "other");
        var member = await harness.JoinAsync();
        for (var i = 0; i < 2_000; i++)
        {
            await harness.PublishAsync(1, size: 1_000);
            await member.ReleaseAsync(await member.TakeOneAsync(), TimeSpan.FromHours(1));
            if (i % 100 == 0)
            {
                await harness.Transport.UnregisterAsync("other", CancellationToken.None);
                await harness.Transport.RegisterAsync("other", EventOptions.None, CancellationToken.None);
                await harness.PublishAsync(10, size: 1_000, eventName: "other");
            }

            harness.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(await harness.DetailAsync("waiting_bytes"), 2_000_000, 3_000_000);
        Assert.InRange(await harness.DetailAsync("retained_bytes"), 0, 256 * 1024);
        Assert.Equal(10, (await harness.FromBeginningAsync("other")).ReadOnce().Count);
    }

    [Fact]
    public async Task A_group_without_members_expires_and_is_counted()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { GroupExpiry = TimeSpan.FromHours(2) });
        var member = await harness.JoinAsync("g", start: StartPosition.Beginning);
        harness.Clock.Advance(TimeSpan.FromHours(5));
        await member.DisposeAsync();
        harness.Clock.Advance(TimeSpan.FromHours(1.9));
        Assert.Equal(
            ResumeOutcome.Kept, await UseAsync(await harness.JoinAsync("g", start: StartPosition.Beginning)));
        harness.Clock.Advance(TimeSpan.FromHours(2.1));
        Assert.Null(await harness.DescribeAsync(PlaceKind.WorkerGroup, "g"));
        Assert.Equal(1, await harness.DetailAsync("expired_groups"));
        Assert.Equal(ResumeOutcome.New, await UseAsync(await harness.JoinAsync("g", start: StartPosition.Beginning)));

        static async Task<ResumeOutcome> UseAsync(TestSubscriber subscriber)
        {
            await subscriber.DisposeAsync();
            return subscriber.Subscription.Resume;
        }
    }

    [Fact]
    public async Task A_group_does_not_expire_while_something_waits_for_its_time()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { GroupExpiry = TimeSpan.FromMinutes(10) });
        var member = await harness.JoinAsync("g");
        await harness.PublishAsync(2);
        var read = member.ReadOnce();
        await member.ReleaseAsync(read[0], TimeSpan.FromHours(10));
        await member.ReleaseAsync(read[1]);
        await member.DisposeAsync();
        harness.Clock.Advance(TimeSpan.FromHours(10));
        harness.Clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(2, (await harness.DescribeAsync(PlaceKind.WorkerGroup, "g"))!.Unsettled);

        // What nobody comes for goes with the group, so that forgotten groups leave nothing behind.
        harness.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await harness.DescribeAsync(PlaceKind.WorkerGroup, "g"));
        Assert.Equal(0, await harness.DetailAsync("waiting_bytes"));
    }

    [Fact]
    public async Task Groups_are_bounded_and_those_that_expired_make_room()
    {
        await using var harness = await Harness.StartAsync(
            new MemorySettings { MaxGroupsPerEvent = 2, GroupExpiry = TimeSpan.FromMinutes(1) });
        await harness.JoinAsync();
        await (await harness.JoinAsync("a")).DisposeAsync();
        await harness.JoinAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.JoinAsync("b"));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        harness.Clock.Advance(TimeSpan.FromSeconds(60));
        await harness.JoinAsync("b");
    }

    [Fact]
    public async Task What_is_held_of_dropped_messages_keeps_no_slab_alive()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxBytesPerEvent = ByteSize.FromKibibytes(64) });
        var member = await harness.JoinAsync();
        await harness.PublishAsync(1);
        var slab = HoldOne(member);
        await harness.PublishAsync(1_000, size: 1_000);
        harness.Clock.Advance(TimeSpan.FromMinutes(1));
        GC.Collect();
        Assert.False(slab.IsAlive);
        await member.DisposeAsync();
        Assert.Equal(0, Harness.Number((await harness.JoinAsync()).ReadOnce(1)[0]));

        // Apart, so that nothing of it stays on the test's own stack. The probe must not hold it either: the broker has its own copy.
        static WeakReference HoldOne(TestSubscriber member)
        {
            var buffer = new Delivery[1];
            Assert.Equal(1, member.Subscription.Read(buffer, int.MaxValue));
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(buffer[0].Message.Bytes, out var segment);
            return new WeakReference(segment.Array);
        }
    }

    private static MemorySettings Tight() => new() { MaxWaitingBytes = ByteSize.FromKibibytes(64), Retention = TimeSpan.FromDays(1) };

    // Leaves one message held, and the budget exceeded for an hour.
    private static async Task FillAsync(Harness harness, TestSubscriber member)
    {
        await harness.PublishAsync(FillsTheBudget + 1, size: 1_000);
        foreach (var delivery in (await member.TakeAsync(FillsTheBudget + 1)).Take(FillsTheBudget))
        {
            if (await harness.DetailAsync("waiting_bytes") <= 64 * 1024)
            {
                Assert.Equal(SettlementOutcome.Done, await member.ReleaseAsync(delivery, TimeSpan.FromHours(1)));
            }
        }
    }
}
