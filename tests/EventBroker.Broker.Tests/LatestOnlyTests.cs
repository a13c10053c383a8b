using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Tests;

// What becomes of an unsettled message whose subscriber wants the newest one only.
public class LatestOnlyTests
{
    [Fact]
    public async Task A_nacked_message_comes_back_while_it_is_the_newest()
    {
        await using var fixture = new BrokerFixture();
        await using var subscription = await OpenAsync(fixture);
        var first = await NextAsync(fixture, subscription, "a");
        await fixture.SettleAsync(subscription, first, Settlement.Nack);

        var again = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(("a", 1), (again.Message.GetId(), again.RetryCount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_nacked_message_is_dropped_when_a_newer_one_is_there(int maxInFlight)
    {
        await using var fixture = new BrokerFixture();
        await using var subscription = await OpenAsync(fixture, maxInFlight);
        var first = await NextAsync(fixture, subscription, "a");
        await fixture.SettleAsync(subscription, first, Settlement.Nack);
        await fixture.PublishAsync("b");

        Assert.Equal("b", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Fact]
    public async Task A_nack_that_waits_does_not_keep_the_newer_message_away_and_never_comes_back()
    {
        await using var fixture = new BrokerFixture();
        await using var subscription = await OpenAsync(fixture, maxInFlight: 1);
        var first = await NextAsync(fixture, subscription, "a");
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        await fixture.SettleAsync(subscription, first, Settlement.Nack, TimeSpan.FromSeconds(10));

        var second = await NextAsync(fixture, subscription, "b");
        await fixture.SettleAsync(subscription, second, Settlement.Ack);
        fixture.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal("b", second.Message.GetId());
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Fact]
    public async Task A_message_that_a_newer_one_has_passed_is_settled_by_a_nack_and_does_not_come_back()
    {
        await using var fixture = new BrokerFixture();
        await using var subscription = await OpenAsync(fixture);
        var first = await NextAsync(fixture, subscription, "a");
        await NextAsync(fixture, subscription, "b");

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, first, Settlement.Nack));

        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Fact]
    public async Task Of_several_messages_whose_deadline_passes_only_the_newest_comes_back()
    {
        await using var fixture = new BrokerFixture();
        await using var subscription = await OpenAsync(fixture);
        await NextAsync(fixture, subscription, "a");
        await NextAsync(fixture, subscription, "b");

        fixture.Clock.Advance(TimeSpan.FromSeconds(31));

        var again = Assert.Single(await BrokerFixture.TakeAsync(subscription));
        Assert.Equal(("b", 1), (again.Message.GetId(), again.RetryCount));
    }

    [Fact]
    public async Task A_dropped_message_is_done_with_for_its_consumer_id()
    {
        await using var fixture = new BrokerFixture();
        var subscription = await OpenAsync(fixture, consumerId: "c");
        var first = await NextAsync(fixture, subscription, "a");
        await fixture.SettleAsync(subscription, first, Settlement.Nack);
        var second = await NextAsync(fixture, subscription, "b");
        await fixture.SettleAsync(subscription, second, Settlement.Ack);
        await subscription.DisposeAsync();

        await using var again = await SubscribeAsync(fixture, latestOnly: false, 0, "c");

        Assert.Empty(await BrokerFixture.TakeAsync(again));
    }

    private static async Task<BrokerSubscription> OpenAsync(BrokerFixture fixture, int maxInFlight = 0, string consumerId = "")
    {
        await fixture.RegisterAsync();
        return await SubscribeAsync(fixture, latestOnly: true, maxInFlight, consumerId);
    }

    private static ValueTask<BrokerSubscription> SubscribeAsync(
        BrokerFixture fixture, bool latestOnly, int maxInFlight, string consumerId) => fixture.Broker.SubscribeAsync(
        fixture.Caller,
        new SubscribeRequest { EventName = "e", LatestOnly = latestOnly, MaxInFlight = maxInFlight, ConsumerId = consumerId },
        CancellationToken.None);

    private static async Task<OutboundDelivery> NextAsync(BrokerFixture fixture, BrokerSubscription subscription, string id)
    {
        await fixture.PublishAsync(id);
        return await BrokerFixture.NextAsync(subscription);
    }
}
