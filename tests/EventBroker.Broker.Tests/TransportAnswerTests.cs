using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Broker.Tests.RandomSettlement;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

// What a client hears of a settlement is what the transport has said of it.
public class TransportAnswerTests
{
    [Fact]
    public async Task A_settlement_that_fails_leaves_the_message_in_flight_to_be_settled_again()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        var delivery = await BrokerFixture.NextAsync(subscription);
        transport.FailsToSettle = static _ => true;
        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));

        transport.FailsToSettle = null;

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        fixture.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Fact]
    public async Task A_settlement_that_fails_and_is_not_tried_again_comes_back_at_its_deadline()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        var delivery = await BrokerFixture.NextAsync(subscription);
        transport.SettleFailure = new BrokerException(BrokerErrorCode.Unavailable, "gone");
        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        transport.SettleFailure = null;

        fixture.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Fact]
    public async Task Of_one_batch_each_entry_hears_its_own_outcome()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        await fixture.PublishAsync("b");
        var taken = await BrokerFixture.TakeAsync(subscription);
        transport.FailsToSettle = static s => s.Delivery.Message.GetId() == "a";
        var entries = taken.Select(d => new SettleEntry { AckId = BrokerFixture.IdOf(subscription, d) }).ToArray();

        await fixture.Broker.SettleAsync(fixture.Caller, entries, CancellationToken.None);

        Assert.Equal([SettleResult.Failed, SettleResult.Settled], entries.Select(static e => e.Result));
    }

    [Fact]
    public async Task Nothing_is_told_before_the_transport_has_answered_and_a_second_try_hears_of_the_first()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        var delivery = await BrokerFixture.NextAsync(subscription);
        var answer = new TaskCompletionSource();
        transport.Settled = answer.Task;
        var first = fixture.SettleAsync(subscription, delivery, Settlement.Ack);
        var second = fixture.SettleAsync(subscription, delivery, Settlement.Nack);

        // Not even the deadline takes it from under the transport's hands.
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(first.IsCompleted || second.IsCompleted);
        answer.SetResult();

        Assert.Equal((SettleResult.Settled, SettleResult.Expired), (await first, await second));
    }

    [Fact]
    public async Task Deliveries_that_were_taken_away_have_expired_and_are_not_delivered_again_here()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        await fixture.PublishAsync("b");
        var taken = await BrokerFixture.TakeAsync(subscription);
        await using var other = await fixture.SubscribeAsync("workers");

        Assert.Equal(1, transport.Revoke("e", PlaceKind.WorkerGroup, "workers", static d => d.Message.GetId() == "a"));

        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(subscription, taken[0], Settlement.Ack));
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[1], Settlement.Ack));
        Assert.Equal("a", (await BrokerFixture.NextAsync(other)).Message.GetId());
        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["leases_lost"]);
    }

    [Fact]
    public async Task What_auto_ack_could_not_settle_is_settled_later()
    {
        var transport = new SinglePlaceTransport();
        await using var fixture = new BrokerFixture(transport: transport);
        await fixture.RegisterAsync();
        transport.FailsToSettle = static _ => true;
        await using (var subscription = await fixture.SubscribeAsync("workers", autoAck: true))
        {
            await fixture.PublishAsync("a");
            await BrokerFixture.NextAsync(subscription);
            fixture.Clock.Advance(TimeSpan.FromSeconds(10));
            transport.FailsToSettle = null;
            fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        await using var next = await fixture.SubscribeAsync("workers");
        Assert.Empty(await BrokerFixture.TakeAsync(next));
    }

    [Fact]
    public async Task Closing_waits_for_settlements_that_are_under_way_and_not_for_ever()
    {
        var (transport, fixture, subscription) = await StartAsync();
        await using var both = fixture;
        var delivery = await BrokerFixture.NextAsync(subscription);
        var answer = new TaskCompletionSource();
        transport.Settled = answer.Task;
        var acked = fixture.SettleAsync(subscription, delivery, Settlement.Ack);
        var closed = subscription.DisposeAsync().AsTask();
        Assert.False(closed.IsCompleted);

        fixture.Clock.Advance(TimeSpan.FromSeconds(5));

        await closed;
        answer.SetResult();
        await acked;
    }

    [Fact]
    public async Task A_group_that_is_stuck_behind_one_message_is_read_no_further_than_its_transport_allows()
    {
        await using var fixture = new BrokerFixture(transport: new SinglePlaceTransport(settings: new SinglePlaceSettings { MaxUnsettledSpan = 5 }));
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("stuck");
        var stuck = await BrokerFixture.NextAsync(subscription);
        for (var i = 0; i < 10; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        var settled = 0;
        while (await BrokerFixture.TakeAsync(subscription, 1) is [var next])
        {
            await fixture.SettleAsync(subscription, next, Settlement.Ack);
            settled++;
        }

        Assert.Equal(4, settled);
        await fixture.SettleAsync(subscription, stuck, Settlement.Ack);
        Assert.Equal("m4", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    private static async Task<(SinglePlaceTransport Transport, BrokerFixture Fixture, BrokerSubscription Subscription)> StartAsync()
    {
        var transport = new SinglePlaceTransport();

        // So that a settlement is with the transport when the call that makes it returns.
        var fixture = new BrokerFixture([new ImmediateAuthorizer()], transport: transport);
        await fixture.RegisterAsync();
        var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        return (transport, fixture, subscription);
    }
}
