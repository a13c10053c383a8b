using EventBroker.Broker.Access;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Tests;

// A connection that takes no more, whatever it says otherwise.
public class StuckConnectionTests
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task What_lies_unsent_for_longer_than_the_ack_timeout_goes_to_another_worker_and_the_connection_is_cut(
        bool isBeingWritten, int attempts)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var stuck = await fixture.SubscribeAsync("workers");
        var cuts = 0;
        stuck.ConnectionStuck = () => cuts++;
        await fixture.PublishAsync("a");
        Assert.Equal(1, await stuck.TakeAsync(new OutboundDelivery[1], 1000));
        if (isBeingWritten)
        {
            stuck.Sending();
        }

        await using var other = await fixture.SubscribeAsync("workers");

        fixture.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await BrokerFixture.TakeAsync(other));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        // An attempt, if it was on its way and may have arrived.
        var again = await BrokerFixture.NextAsync(other);
        Assert.Equal(("a", attempts), (again.Message.GetId(), again.RetryCount));
        Assert.Equal(1, cuts);
        Assert.Equal(BrokerErrorCode.Aborted, await BrokerFixture.CodeOfAsync(() => BrokerFixture.TakeAsync(stuck)));
    }

    [Fact]
    public async Task A_slow_connection_that_takes_something_in_time_is_left_alone()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var slow = await fixture.SubscribeAsync("workers");
        slow.ConnectionStuck = static () => Assert.Fail("cut");
        for (var i = 0; i < 5; i++)
        {
            await fixture.PublishAsync("m" + i);
            var taken = new OutboundDelivery[1];
            Assert.Equal(1, await slow.TakeAsync(taken, 1000));
            fixture.Clock.Advance(TimeSpan.FromSeconds(29));
            await slow.SentAsync(hasWaited: true);
            Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(slow, taken[0], Settlement.Ack));
        }

        fixture.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_that_does_not_come_back_after_the_end_is_cut(bool byDrain)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var caller = new InProcessCaller { ExpiresAt = fixture.Clock.GetUtcNow().AddSeconds(byDrain ? 3600 : 10) };
        var stuck = await fixture.Broker.SubscribeAsync(caller, new SubscribeRequest { EventName = "e" }, CancellationToken.None);
        var cuts = 0;
        stuck.ConnectionStuck = () => cuts++;
        await fixture.PublishAsync("a");
        Assert.Equal(1, await stuck.TakeAsync(new OutboundDelivery[1], 1000));
        var drained = byDrain ? fixture.Broker.DrainAsync(CancellationToken.None) : Task.CompletedTask;
        if (!byDrain)
        {
            fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        fixture.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, cuts);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, cuts);
        await drained;
        Assert.Equal("0", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["subscriptions"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_extension_before_the_flush_is_kept(bool longer)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var taken = new OutboundDelivery[1];
        Assert.Equal(1, await subscription.TakeAsync(taken, 1000));
        var asked = TimeSpan.FromSeconds(longer ? 120 : 5);
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[0], Settlement.Extend, asked));
        await subscription.SentAsync(hasWaited: true);

        // What was promised, or the ack timeout, whichever is longer.
        fixture.Clock.Advance(TimeSpan.FromSeconds(longer ? 119 : 29));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }
}
