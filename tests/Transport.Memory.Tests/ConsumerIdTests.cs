using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class ConsumerIdTests
{
    [Fact]
    public async Task What_a_consumer_id_left_unsettled_comes_back_first_with_a_higher_retry_count_and_the_rest_does_not()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(5);
        var read = first.ReadOnce(4);
        await first.CompleteAsync(read[0], read[2]);
        await first.DisposeAsync();

        var second = await harness.OpenAsync();
        Assert.Equal([(1, 1), (3, 1)], second.ReadOnce(2).Select(Counted));
        await second.DisposeAsync();

        var third = await harness.OpenAsync();
        Assert.Equal([(1, 2), (3, 2), (4, 0)], third.ReadOnce().Select(Counted));
    }

    [Fact]
    public async Task The_retry_count_is_what_the_broker_says_and_goes_on_over_reconnects()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(1);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var delivery = await first.TakeOneAsync();
            Assert.Equal(attempt, delivery.RetryCount);
            await first.ReleaseAsync(delivery);
        }

        // Read and never sent, which counts for nothing; then the connection ends.
        var unsent = await first.TakeOneAsync();
        Assert.Equal(SettlementOutcome.Done, await first.ReleaseAsync(unsent, reason: SettlementReason.NeverSent));
        await first.DisposeAsync();
        var second = await harness.OpenAsync();
        Assert.Equal(5, (await second.TakeOneAsync()).RetryCount);
    }

    [Fact]
    public async Task A_delayed_redelivery_outlives_the_subscription_and_comes_to_the_next_one()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(2);
        var read = first.ReadOnce();
        await first.ReleaseAsync(read[0], TimeSpan.FromMinutes(2), attempts: 7);
        await first.ReleaseAsync(read[1], TimeSpan.FromMinutes(1));
        await first.DisposeAsync();
        harness.Clock.Advance(TimeSpan.FromSeconds(30));
        var second = await harness.OpenAsync();
        var signalled = second.DemandWhenEmpty();
        harness.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([(1, 1)], second.ReadOnce().Select(Counted));
        signalled = second.DemandWhenEmpty();
        harness.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(signalled.IsCompleted);
        Assert.Equal([(0, 7)], second.ReadOnce().Select(Counted));
    }

    [Fact]
    public async Task Taking_over_gives_back_at_once_and_tells_the_older_one_that_it_lost_what_it_held()
    {
        await using var harness = await Harness.StartAsync();
        var older = await harness.OpenAsync();
        await harness.PublishAsync(3);
        var read = older.ReadOnce(2);
        var newer = await harness.OpenAsync();
        Assert.Equal([(0, 1), (1, 1), (2, 0)], newer.ReadOnce().Select(Counted));
        Assert.Equal(read, older.Probe.Lost);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => older.ReadOnce()).Code);

        // The former holder has no say any more, and nothing is signalled by it.
        Assert.Equal([SettlementOutcome.LeaseLost, SettlementOutcome.LeaseLost], await older.CompleteAsync(read));
        Assert.Equal(SettlementOutcome.LeaseLost, await older.ReleaseAsync(read[0]));
        await older.DisposeAsync();
        Assert.Equal(3, newer.Probe.Held.Count);
        await newer.DisposeAsync();
        Assert.Equal([(0, 2), (1, 2), (2, 1)], (await harness.OpenAsync()).ReadOnce().Select(Counted));
    }

    [Fact]
    public async Task A_demand_after_being_taken_over_is_signalled_so_that_the_end_is_read()
    {
        await using var harness = await Harness.StartAsync();
        var older = await harness.OpenAsync();
        await harness.OpenAsync();
        Assert.True(older.Demand().IsCompleted);
    }

    [Fact]
    public async Task Nothing_is_remembered_behind_a_message_that_stays_unsettled()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 100 });
        var subscriber = await harness.OpenAsync();
        await harness.PublishAsync(1);
        var stuck = await subscriber.TakeOneAsync();
        for (var round = 0; round < 50; round++)
        {
            await harness.PublishAsync(100);
            await subscriber.CompleteAsync(await subscriber.TakeAsync(100));
        }

        Assert.Equal(1, (await harness.DescribeAsync(PlaceKind.ConsumerId, "c"))!.Unsettled);

        // Retention has removed it long ago; who holds it can still settle it, or have it again.
        await subscriber.DisposeAsync();
        var again = await harness.OpenAsync();
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);
        Assert.Equal((0, 1), Counted(Assert.Single(again.ReadOnce())));
        Assert.Equal(SettlementOutcome.LeaseLost, (await subscriber.CompleteAsync(stuck))[0]);
    }

    [Fact]
    public async Task What_retention_removed_counts_as_lost_for_a_consumer_id()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        await (await harness.OpenAsync()).DisposeAsync();
        await harness.PublishAsync(8);
        var again = await harness.OpenAsync(start: StartPosition.Latest);
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.Equal(3, again.ReadOnce()[0].Missed);
    }

    [Fact]
    public async Task What_was_missed_is_told_again_if_the_message_that_tells_it_was_never_sent()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        var first = await harness.OpenAsync();
        await harness.PublishAsync(8);
        var read = first.ReadOnce(1)[0];
        Assert.Equal(3, read.Missed);
        await first.ReleaseAsync(read, reason: SettlementReason.NeverSent);
        await first.DisposeAsync();
        Assert.Equal([3L, 0, 0, 0, 0], (await harness.OpenAsync()).ReadOnce().Select(static d => d.Missed));
    }

    [Fact]
    public async Task The_consumer_id_that_closed_longest_ago_is_forgotten_first()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxConsumersPerEvent = 2 });
        foreach (var id in new[] { "a", "b", "a", "c" })
        {
            await (await harness.OpenAsync(id)).DisposeAsync();
        }

        Assert.Equal(1, await harness.DetailAsync("forgotten_consumers"));
        Assert.Equal(ResumeOutcome.New, (await harness.OpenAsync("b")).Subscription.Resume);
        Assert.Equal(ResumeOutcome.Exact, (await harness.OpenAsync("a")).Subscription.Resume);
        Assert.Equal(ResumeOutcome.Exact, (await harness.OpenAsync("c")).Subscription.Resume);
    }

    [Fact]
    public async Task A_forgotten_consumer_id_leaves_no_redeliveries_behind()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxConsumersPerEvent = 1 });
        var first = await harness.OpenAsync("a");
        await harness.PublishAsync(2);
        var read = first.ReadOnce();
        await first.ReleaseAsync(read[0], TimeSpan.FromHours(1));
        await first.DisposeAsync();
        Assert.NotEqual(0, await harness.DetailAsync("waiting_bytes"));
        await (await harness.OpenAsync("b")).DisposeAsync();
        Assert.Equal(0, await harness.DetailAsync("waiting_bytes"));
    }

    [Fact]
    public async Task A_consumer_ids_place_counts_more_than_a_cursor()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(3);
        var read = first.ReadOnce();
        await first.CompleteAsync(read[0]);
        var again = await harness.SubscribeAsync(
            new SubscribeOptions { ConsumerId = "c", ResumeAfter = TestSubscriber.Cursor(read[2]) });
        Assert.Equal(ResumeOutcome.Kept, again.Subscription.Resume);
        Assert.Equal([1, 2], Harness.Numbers(again.ReadOnce()));
    }

    [Fact]
    public async Task A_new_consumer_id_with_a_cursor_begins_behind_it()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.SubscribeAsync();
        await harness.PublishAsync(3);
        var cursor = TestSubscriber.Cursor(first.ReadOnce()[1]);
        var next = await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = "c", ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, next.Subscription.Resume);
        Assert.Equal([2], Harness.Numbers(next.ReadOnce()));
    }

    [Fact]
    public async Task The_start_cursor_lies_before_what_was_left_unsettled()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(4);
        var read = first.ReadOnce();
        await first.CompleteAsync(read[0], read[1], read[3]);
        await first.DisposeAsync();
        var again = await harness.OpenAsync();
        Assert.Equal(TestSubscriber.Cursor(read[1]), again.StartCursor);
        Assert.Equal([(2, 1)], again.ReadOnce().Select(Counted));
    }

    [Fact]
    public async Task The_start_cursor_lies_before_what_waits_for_its_redelivery_in_whatever_order_it_comes_due()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.OpenAsync();
        await harness.PublishAsync(4);
        var read = first.ReadOnce();
        await first.CompleteAsync(read[0], read[2]);
        await first.ReleaseAsync(read[1], TimeSpan.FromMinutes(2));
        await first.ReleaseAsync(read[3], TimeSpan.FromMinutes(1));
        await first.DisposeAsync();
        var again = await harness.OpenAsync();
        Assert.Equal(TestSubscriber.Cursor(read[0]), again.StartCursor);
        Assert.Empty(again.ReadOnce());
    }

    private static (int Number, int RetryCount) Counted(Delivery delivery) => (Harness.Number(delivery), delivery.RetryCount);
}
