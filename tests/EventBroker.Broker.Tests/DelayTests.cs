using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Tests.Transports.SinglePlace;

namespace EventBroker.Broker.Tests;

// When what was nacked comes back: by the transport for a group, by the broker for everybody else.
public class DelayTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("workers", false)]
    [InlineData("workers", true)]
    public async Task Of_two_delays_each_is_kept(string? group, bool brokerDelays)
    {
        await using var fixture = Fixture(brokerDelays);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        var taken = await PublishAndTakeAsync(fixture, subscription, 2);
        await NackAsync(fixture, subscription, taken[0], 300);
        await NackAsync(fixture, subscription, taken[1], 700);

        fixture.Clock.Advance(TimeSpan.FromMilliseconds(299));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("m0", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(399));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("m1", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("workers", false)]
    [InlineData("workers", true)]
    public async Task Five_nacks_in_a_row_all_come_back(string? group, bool brokerDelays)
    {
        await using var fixture = Fixture(brokerDelays);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        foreach (var delivery in await PublishAndTakeAsync(fixture, subscription, 5))
        {
            await NackAsync(fixture, subscription, delivery, 500);
            fixture.Clock.Advance(TimeSpan.FromMilliseconds(20));
        }

        var came = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            fixture.Clock.Advance(TimeSpan.FromMilliseconds(i == 0 ? 400 : 20));
            came.Add((await BrokerFixture.NextAsync(subscription)).Message.GetId());
        }

        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], came);
    }

    [Fact]
    public async Task A_nack_without_a_delay_waits_longer_with_each_attempt_up_to_a_limit()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxNackDelay = TimeSpan.FromSeconds(1) });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        var next = Assert.Single(await PublishAndTakeAsync(fixture, subscription, 1));
        foreach (var delay in new[] { 100, 200, 400, 800, 1000, 1000 })
        {
            await NackAsync(fixture, subscription, next, null);
            fixture.Clock.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.Empty(await BrokerFixture.TakeAsync(subscription));
            fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
            next = await BrokerFixture.NextAsync(subscription);
        }

        // Whoever asks for none by name gets none.
        await NackAsync(fixture, subscription, next, 0);
        Assert.Equal(7, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_poisoned_message_does_not_keep_a_good_one_away_however_small_the_window(string? group)
    {
        // Without any delay, so that it is there again at once.
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group, maxInFlight: 1);
        await fixture.PublishAsync("bad");
        await fixture.PublishAsync("good");
        for (var i = 0; i < 4; i++)
        {
            var next = await BrokerFixture.NextAsync(subscription);
            if (next.Message.GetId() == "good")
            {
                return;
            }

            await NackAsync(fixture, subscription, next, 0);
        }

        Assert.Fail("the good message does not come");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task What_comes_again_and_what_is_fresh_take_turns_also_when_the_subscriber_is_woken_without_room(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group, maxInFlight: 1);
        await fixture.PublishAsync("bad1");
        await fixture.PublishAsync("bad2");
        for (var i = 0; i < 20; i++)
        {
            await fixture.PublishAsync("good" + i);
        }

        var came = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var next = await BrokerFixture.NextAsync(subscription);
            came.Add(next.Message.GetId());

            // As a stream does that is signalled twice for one settlement.
            Assert.Empty(await BrokerFixture.TakeAsync(subscription));
            var settlement = came[^1].StartsWith("bad", StringComparison.Ordinal) ? Settlement.Nack : Settlement.Ack;
            Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, next, settlement, settlement == Settlement.Nack ? TimeSpan.Zero : null));
        }

        // The first few are the bad ones' own first times.
        Assert.InRange(came.Skip(8).Count(static id => id.StartsWith("bad", StringComparison.Ordinal)), 5, 7);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task What_waits_takes_no_place_in_the_window(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group, maxInFlight: 1);
        for (var i = 0; i < 1200; i++)
        {
            await fixture.PublishAsync("m" + i);
            await NackAsync(fixture, subscription, await BrokerFixture.NextAsync(subscription), 3_600_000);
        }

        await fixture.PublishAsync("next");
        Assert.Equal("next", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    [Fact]
    public async Task Too_much_that_waits_is_refused_and_reading_stops_until_something_has_come_back()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxWaitingMessages = 2 });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        var taken = await PublishAndTakeAsync(fixture, subscription, 3);
        await NackAsync(fixture, subscription, taken[0], 10_000);
        await NackAsync(fixture, subscription, taken[1], 20_000);

        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, taken[2], Settlement.Nack, TimeSpan.FromSeconds(1)));
        await fixture.PublishAsync("later");
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["redeliveries_refused"]);

        // It is in flight as before.
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[2], Settlement.Ack));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("m0", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
        Assert.Equal("later", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    private static BrokerFixture Fixture(bool brokerDelays) =>
        brokerDelays ? new BrokerFixture(transport: new SinglePlaceTransport()) : new BrokerFixture();

    private static async Task<List<OutboundDelivery>> PublishAndTakeAsync(BrokerFixture fixture, BrokerSubscription subscription, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        return await BrokerFixture.TakeAsync(subscription);
    }

    private static async Task NackAsync(BrokerFixture fixture, BrokerSubscription subscription, OutboundDelivery delivery, int? delay) =>
        Assert.Equal(
            SettleResult.Settled,
            await fixture.SettleAsync(
                subscription, delivery, Settlement.Nack, delay is { } ms ? TimeSpan.FromMilliseconds(ms) : null));
}
