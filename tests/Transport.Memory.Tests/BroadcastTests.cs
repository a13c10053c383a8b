using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class BroadcastTests
{
    [Fact]
    public async Task A_signal_that_throws_reaches_neither_the_publisher_nor_the_others()
    {
        await using var harness = await Harness.StartAsync();
        var faulty = await harness.SubscribeAsync(signal: new FaultySignal());
        var sound = await harness.SubscribeAsync();
        Assert.Empty(faulty.ReadOnce());
        Assert.Empty(sound.ReadOnce());
        await harness.PublishAsync(1);
        Assert.Equal(1, sound.Ready.Count);
    }

    [Fact]
    public async Task Subscriptions_that_come_and_go_on_a_silent_event_leave_nothing_behind()
    {
        await using var harness = await Harness.StartAsync();
        var stays = await harness.SubscribeAsync();
        Assert.Empty(stays.ReadOnce());
        for (var i = 0; i < 1_000; i++)
        {
            var passing = await harness.SubscribeAsync();
            Assert.Empty(passing.ReadOnce());
            await passing.DisposeAsync();
        }

        Assert.Equal(1, await harness.DetailAsync("subscriptions"));
        await harness.PublishAsync(1);
        Assert.Equal(1, stays.Ready.Count);
    }

    [Fact]
    public async Task A_cursor_beyond_the_end_is_refused_by_name()
    {
        await using var harness = await Harness.StartAsync();
        var subscriber = await harness.SubscribeAsync();
        await harness.PublishAsync(1);
        var end = subscriber.ReadOnce()[0].Position;
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.SubscribeAsync(
            new SubscribeOptions { ResumeAfter = new Position(end.High, end.Low + 1).ToString() }));
        Assert.Equal(BrokerErrorCode.InvalidArgument, failure.Code);
        Assert.Contains("resume_after", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_consumer_id_left_unsettled_comes_back_with_a_higher_retry_count_and_the_rest_does_not()
    {
        await using var harness = await Harness.StartAsync();
        var options = new SubscribeOptions { ConsumerId = "c" };
        var first = await harness.SubscribeAsync(options);
        await harness.PublishAsync(5);
        var read = first.ReadOnce(4);
        first.Subscription.Complete(read[0]);
        first.Subscription.Complete(read[2]);
        await first.DisposeAsync();

        var second = await harness.SubscribeAsync(options);
        var again = second.ReadOnce(3);
        Assert.Equal([(1, 1), (3, 1)], again.Select(static d => (Harness.Number(d), d.RetryCount)));
        await second.DisposeAsync();

        var third = await harness.SubscribeAsync(options);
        Assert.Equal([(1, 2), (3, 2), (4, 0)], third.ReadOnce().Concat(third.ReadOnce()).Select(static d => (Harness.Number(d), d.RetryCount)));
    }

    [Fact]
    public async Task What_retention_removed_counts_as_lost_for_a_consumer_id()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 5 });
        var options = new SubscribeOptions { ConsumerId = "c" };
        await (await harness.SubscribeAsync(options)).DisposeAsync();
        await harness.PublishAsync(8);
        var again = await harness.SubscribeAsync(options);
        Assert.Equal(ResumeOutcome.Lost, again.Subscription.Resume);
        Assert.Equal(3, again.ReadOnce()[0].Missed);
    }

    [Fact]
    public async Task The_consumer_id_that_closed_longest_ago_is_forgotten_first()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxConsumersPerEvent = 2 });
        foreach (var id in new[] { "a", "b", "a", "c" })
        {
            await (await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = id })).DisposeAsync();
        }

        async Task<ResumeOutcome> OutcomeAsync(string id) =>
            (await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = id })).Subscription.Resume;
        Assert.Equal(ResumeOutcome.New, await OutcomeAsync("b"));
        Assert.Equal(ResumeOutcome.Exact, await OutcomeAsync("a"));
        Assert.Equal(ResumeOutcome.Exact, await OutcomeAsync("c"));
    }

    [Fact]
    public async Task A_consumer_ids_place_counts_more_than_a_cursor()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = "c" });
        await harness.PublishAsync(3);
        var read = first.ReadOnce();
        first.Subscription.Complete(read[0]);
        var again = await harness.SubscribeAsync(
            new SubscribeOptions { ConsumerId = "c", ResumeAfter = first.Cursor(read[2]) });
        Assert.Equal([1, 2], Harness.Numbers(again.ReadOnce()));

        // The former holder has no say any more.
        first.Subscription.Complete(read[1]);
        first.Subscription.Complete(read[2]);
        await again.DisposeAsync();
        var third = await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = "c" });
        Assert.Equal([1, 2], Harness.Numbers(third.ReadOnce()));
    }

    [Fact]
    public async Task A_new_consumer_id_with_a_cursor_begins_behind_it()
    {
        await using var harness = await Harness.StartAsync();
        var first = await harness.SubscribeAsync();
        await harness.PublishAsync(3);
        var cursor = first.Cursor(first.ReadOnce()[1]);
        var next = await harness.SubscribeAsync(new SubscribeOptions { ConsumerId = "c", ResumeAfter = cursor });
        Assert.Equal(ResumeOutcome.Exact, next.Subscription.Resume);
        Assert.Equal([2], Harness.Numbers(next.ReadOnce()));
    }

    [Fact]
    public async Task Events_are_bounded()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxEvents = 2 });
        await harness.Transport.RegisterAsync("b", CancellationToken.None);
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => harness.Transport.RegisterAsync("c", CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        await harness.Transport.UnregisterAsync("b", CancellationToken.None);
        await harness.Transport.RegisterAsync("c", CancellationToken.None);
    }

    [Fact]
    public async Task Messages_left_out_for_their_age_are_not_missed_when_retention_removes_them()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxMessagesPerEvent = 3 });
        var subscriber = await harness.SubscribeAsync(new SubscribeOptions { MaxAge = TimeSpan.FromSeconds(10) });
        await harness.PublishAsync(5);
        harness.Clock.Advance(TimeSpan.FromSeconds(11));
        await harness.PublishAsync(2);
        var read = subscriber.ReadOnce();
        Assert.Equal([5, 6], Harness.Numbers(read));
        Assert.Equal(0, read[0].Missed);
    }

    private sealed class FaultySignal : IReadySignal
    {
        public void Ready() => throw new InvalidOperationException("faulty");
    }
}
