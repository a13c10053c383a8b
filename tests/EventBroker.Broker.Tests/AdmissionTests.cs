using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

// What is left out between reading and delivering, over a transport that leaves out nothing by itself.
public class AdmissionTests
{
    [Theory]
    [InlineData(DeliveryMode.Broadcast)]
    [InlineData(DeliveryMode.WorkerPool)]
    public async Task What_is_too_old_is_left_out_and_done_with(DeliveryMode mode)
    {
        await using var fixture = new BrokerFixture(transport: new SinglePlaceTransport());
        await fixture.RegisterAsync();
        await using var subscription = await OpenAsync(fixture, mode, maxAge: TimeSpan.FromMinutes(1));
        await fixture.PublishAsync("old");
        fixture.Clock.Advance(TimeSpan.FromMinutes(2));
        await fixture.PublishAsync("new");

        var delivery = Assert.Single(await BrokerFixture.TakeAsync(subscription));
        Assert.Equal(("new", 0L), (delivery.Message.GetId(), delivery.Missed));

        // One that waits for its redelivery grows old as well.
        await fixture.SettleAsync(subscription, delivery, Settlement.Nack, TimeSpan.FromMinutes(5));
        fixture.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Theory]
    [InlineData(DeliveryMode.Broadcast)]
    [InlineData(DeliveryMode.WorkerPool)]
    public async Task Of_what_has_piled_up_only_the_newest_is_delivered(DeliveryMode mode)
    {
        await using var fixture = new BrokerFixture(transport: new SinglePlaceTransport());
        await fixture.RegisterAsync();
        await using var subscription = await OpenAsync(fixture, mode, latestOnly: true);
        for (var i = 0; i < 200; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        Assert.Equal("m199", Assert.Single(await BrokerFixture.TakeAsync(subscription)).Message.GetId());
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        await fixture.PublishAsync("next");
        Assert.Equal("next", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    [Fact]
    public async Task A_message_that_no_stream_can_carry_is_told_as_missed_and_blocks_nothing()
    {
        // Published while the limit was higher.
        var storage = new SinglePlaceStorage();
        await using (var before = new BrokerFixture(transport: new SinglePlaceTransport(storage)))
        {
            await before.RegisterAsync();
            await before.PublishAsync("first");
            await before.PublishAsync("large", payload: 5000);
            await before.PublishAsync("last");
        }

        await using var fixture = new BrokerFixture(
            transport: new SinglePlaceTransport(storage), options: new BrokerOptions { MaxMessageBytes = 2048 });
        await using var subscription = await fixture.Broker.SubscribeAsync(
            fixture.Caller, new SubscribeRequest { EventName = "e", Start = StartPosition.Beginning }, CancellationToken.None);

        var taken = await BrokerFixture.TakeAsync(subscription);

        Assert.Equal([("first", 0L), ("last", 1L)], taken.Select(static d => (d.Message.GetId(), d.Missed)));
        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["undeliverable"]);
    }

    [Fact]
    public async Task What_was_missed_before_a_message_that_is_withheld_is_told_with_the_next()
    {
        await using var fixture = new BrokerFixture(interceptors: [new Withholding("m2")], memory: new() { MaxMessagesPerEvent = 3 });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        for (var i = 0; i < 5; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        var taken = await BrokerFixture.TakeAsync(subscription);

        Assert.Equal([("m3", 2L), ("m4", 0L)], taken.Select(static d => (d.Message.GetId(), d.Missed)));
    }

    [Fact]
    public async Task Whatever_is_accepted_can_be_delivered_within_the_same_limit()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxMessageBytes = 4096 });
        await fixture.RegisterAsync();
        var largest = 4096;
        while (true)
        {
            try
            {
                await fixture.PublishAsync("a", payload: largest);
                break;
            }
            catch (Sdk.Errors.BrokerException)
            {
                largest--;
            }
        }

        await using var subscription = await fixture.Broker.SubscribeAsync(
            fixture.Caller, new SubscribeRequest { EventName = "e", Start = StartPosition.Beginning }, CancellationToken.None);
        var delivery = Assert.Single(await BrokerFixture.TakeAsync(subscription));

        // As gRPC writes it: 7 for its tags and lengths, 12 for a count that could not be longer, 6 for the retries.
        var length = delivery.Message.Length + 7 + 12 + 6
            + subscription.FormatAckId(delivery, new byte[64]) + subscription.FormatCursor(delivery, new byte[subscription.MaxCursorLength]);
        Assert.InRange(length, 4000, 4096);
    }

    private static ValueTask<BrokerSubscription> OpenAsync(
        BrokerFixture fixture, DeliveryMode mode, TimeSpan? maxAge = null, bool latestOnly = false) => fixture.Broker.SubscribeAsync(
        fixture.Caller,
        new SubscribeRequest { EventName = "e", Mode = mode, MaxAge = maxAge, LatestOnly = latestOnly },
        CancellationToken.None);

    private sealed class Withholding(string id) : IInterceptor
    {
        public InterceptionStages Stages => InterceptionStages.Deliver;

        public ValueTask DeliverAsync(DeliverContext context, DeliverNext next) =>
            context.Message.GetId() == id ? default : next(context);
    }
}
