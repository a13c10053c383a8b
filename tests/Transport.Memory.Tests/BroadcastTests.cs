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
        var faulty = await harness.Transport.SubscribeAsync(
            Harness.Event, new SubscribeOptions(), new FaultySubscriber(), CancellationToken.None);
        var sound = await harness.SubscribeAsync();
        faulty.Demand(1);
        var signalled = sound.Demand();
        await harness.PublishAsync(1);
        Assert.True(signalled.IsCompleted);
    }

    [Fact]
    public async Task Subscriptions_that_come_and_go_on_a_silent_event_leave_nothing_behind()
    {
        await using var harness = await Harness.StartAsync();
        var stays = await harness.SubscribeAsync();
        var signalled = stays.DemandWhenEmpty();
        for (var i = 0; i < 1_000; i++)
        {
            var passing = await harness.SubscribeAsync();
            _ = passing.DemandWhenEmpty();
            await passing.DisposeAsync();
        }

        Assert.Equal(1, await harness.DetailAsync("subscriptions"));
        await harness.PublishAsync(1);
        Assert.True(signalled.IsCompleted);
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
    public async Task Events_are_bounded()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { MaxEvents = 2 });
        await harness.Transport.RegisterAsync("b", EventOptions.None, CancellationToken.None);
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => harness.Transport.RegisterAsync("c", EventOptions.None, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        await harness.Transport.UnregisterAsync("b", CancellationToken.None);
        await harness.Transport.RegisterAsync("c", EventOptions.None, CancellationToken.None);
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

    private sealed class FaultySubscriber : ISubscriber
    {
        public void Ready() => throw new InvalidOperationException("faulty");

        public void LeasesLost(Predicate<Delivery> isLost) => throw new InvalidOperationException("faulty");
    }
}
