using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Tests;

public class SettlementTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task An_acked_message_never_comes_back(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_nacked_message_comes_back_with_retry_count_one(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, first, Settlement.Nack));
        var second = await BrokerFixture.NextAsync(subscription);

        Assert.Equal((0, 1), (first.RetryCount, second.RetryCount));
        Assert.Equal("a", second.Message.GetId());
        Assert.NotEqual(first.Sequence, second.Sequence);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_nack_with_a_delay_waits_that_long(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(subscription);
        await fixture.SettleAsync(subscription, first, Settlement.Nack, TimeSpan.FromSeconds(10));

        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_message_past_its_ack_deadline_comes_back(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        await fixture.PublishAsync("a");
        var first = await BrokerFixture.NextAsync(subscription);

        fixture.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(subscription, first, Settlement.Ack));
    }

    [Fact]
    public async Task The_deadline_starts_when_the_message_was_handed_to_the_connection()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var buffer = new Subscribing.OutboundDelivery[1];
        Assert.Equal(1, await subscription.TakeAsync(buffer, 1000));

        // The connection does not take it for a while.
        fixture.Clock.Advance(TimeSpan.FromSeconds(29));
        await subscription.SentAsync(hasWaited: true);
        fixture.Clock.Advance(TimeSpan.FromSeconds(29));

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, buffer[0], Settlement.Ack));
    }

    // Who has got it may tell that to a clock before the endpoint comes to say that it is sent.
    [Fact]
    public async Task The_deadline_counts_from_before_the_flush_where_the_connection_took_everything_at_once()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        Assert.Equal(1, await subscription.TakeAsync(new Subscribing.OutboundDelivery[1], 1000));
        subscription.Sending();

        fixture.Clock.Advance(TimeSpan.FromSeconds(29));
        await subscription.SentAsync(hasWaited: false);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Fact]
    public async Task An_extension_gives_the_time_asked_for()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);
        fixture.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, delivery, Settlement.Extend, TimeSpan.FromSeconds(60)));
        fixture.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Fact]
    public async Task Unsettled_messages_of_a_closed_worker_go_to_another_of_its_group()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var first = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(first);
        await using var second = await fixture.SubscribeAsync("workers");
        Assert.Empty(await BrokerFixture.TakeAsync(second));

        await first.DisposeAsync();

        var again = await BrokerFixture.NextAsync(second);
        Assert.Equal(("a", 1), (again.Message.GetId(), again.RetryCount));
        Assert.Equal(SettleResult.Expired, await fixture.SettleAsync(first, delivery, Settlement.Ack));
    }

    [Fact]
    public async Task Results_tell_unknown_ids_from_expired_ones()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);
        var id = BrokerFixture.IdOf(subscription, delivery);
        var entries = new SettleEntry[]
        {
            new() { AckId = default },
            new() { AckId = new AckId(id.Node + 1, id.Subscription, id.Tag, 1) },
            new() { AckId = new AckId(id.Node, id.Subscription, id.Tag ^ 1, 1) },
            new() { AckId = new AckId(id.Node, id.Subscription + 9, id.Tag, 1) },
            new() { AckId = new AckId(id.Node, id.Subscription, id.Tag, 2) },
            new() { AckId = id },
            new() { AckId = id },
            new() { AckId = id, Settlement = Settlement.Nack, Time = TimeSpan.FromDays(9) },
        };

        await fixture.Broker.SettleAsync(fixture.Caller, entries, CancellationToken.None);

        Assert.Equal(
            [
                SettleResult.Unknown, SettleResult.Unknown, SettleResult.Unknown, SettleResult.Unknown, SettleResult.Unknown,
                SettleResult.Settled, SettleResult.Expired, SettleResult.Invalid,
            ],
            entries.Select(static e => e.Result));
    }

    // Its subscriber got no answer, and asks again to know.
    [Theory]
    [InlineData(Settlement.Ack)]
    [InlineData(Settlement.Nack)]
    public async Task A_settlement_that_is_repeated_is_told_what_became_of_it(Settlement settlement)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers", ackTimeout: TimeSpan.FromSeconds(10));
        await fixture.PublishAsync("a");
        await fixture.PublishAsync("b");
        var settled = BrokerFixture.IdOf(subscription, await BrokerFixture.NextAsync(subscription));
        var late = BrokerFixture.IdOf(subscription, await BrokerFixture.NextAsync(subscription));

        Assert.Equal(SettleResult.Settled, await RepeatAsync(settled, settlement));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(SettleResult.Expired, await RepeatAsync(late, settlement));

        Assert.Equal(SettleResult.Settled, await RepeatAsync(settled, settlement));
        Assert.Equal(SettleResult.Expired, await RepeatAsync(settled, settlement == Settlement.Ack ? Settlement.Nack : Settlement.Ack));
        Assert.Equal(SettleResult.Expired, await RepeatAsync(settled, Settlement.Extend));
        Assert.Equal(SettleResult.Expired, await RepeatAsync(settled, settlement, isRepeat: false));

        async Task<SettleResult> RepeatAsync(AckId id, Settlement what, bool isRepeat = true)
        {
            SettleEntry[] entries = [new() { AckId = id, Settlement = what, Time = what == Settlement.Ack ? null : TimeSpan.FromHours(1), IsRepeat = isRepeat }];
            await fixture.Broker.SettleAsync(fixture.Caller, entries, CancellationToken.None);
            return entries[0].Result;
        }
    }

    [Fact]
    public async Task The_last_thousand_settlements_are_remembered_for_those_who_repeat_them()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxInFlight = 4000 });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(maxInFlight: 4000);
        var ids = new List<AckId>();
        for (var i = 0; i < 3000; i++)
        {
            await fixture.PublishAsync($"{i}");
            ids.Add(BrokerFixture.IdOf(subscription, await BrokerFixture.NextAsync(subscription)));
        }

        var entries = ids.Select(static id => new SettleEntry { AckId = id }).ToArray();
        await fixture.Broker.SettleAsync(fixture.Caller, entries, CancellationToken.None);
        entries = [.. ids.Select(static id => new SettleEntry { AckId = id, IsRepeat = true })];
        await fixture.Broker.SettleAsync(fixture.Caller, entries, CancellationToken.None);

        Assert.All(entries[^1000..], static e => Assert.Equal(SettleResult.Settled, e.Result));
        Assert.Equal(SettleResult.Expired, entries[0].Result);
    }

    [Fact]
    public async Task A_subscriber_at_its_limit_gets_more_once_it_settles()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(maxInFlight: 2);
        for (var i = 0; i < 3; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        var taken = await BrokerFixture.TakeAsync(subscription);
        Assert.Equal(["m0", "m1"], taken.Select(static d => d.Message.GetId()));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));

        await fixture.SettleAsync(subscription, taken[1], Settlement.Ack);
        Assert.Equal("m2", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_subscriber_at_its_limit_learns_that_its_event_is_gone(string? group)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group, maxInFlight: 1);
        await fixture.PublishAsync("a");
        await fixture.PublishAsync("b");
        Assert.Equal("a", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));

        await fixture.Broker.UnregisterAsync(fixture.Caller, "e", CancellationToken.None);

        Assert.Equal(BrokerErrorCode.Aborted, await BrokerFixture.CodeOfAsync(() => BrokerFixture.TakeAsync(subscription)));
    }

    [Fact]
    public async Task Auto_ack_settles_what_was_sent()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync("workers", autoAck: true, maxInFlight: 1);
        for (var i = 0; i < 3; i++)
        {
            await fixture.PublishAsync("m" + i);
            var delivery = await BrokerFixture.NextAsync(subscription);
            Assert.Equal("m" + i, delivery.Message.GetId());
            Assert.Equal(0, subscription.FormatAckId(delivery, new byte[AckId.MaxLength]));
        }

        fixture.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
    }

    [Fact]
    public async Task Draining_ends_subscriptions_with_unavailable_and_waits_for_them()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var subscription = await fixture.SubscribeAsync();
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));

        var drained = fixture.Broker.DrainAsync(CancellationToken.None);

        Assert.Equal(BrokerErrorCode.Unavailable, await BrokerFixture.CodeOfAsync(() => BrokerFixture.NextAsync(subscription)));
        Assert.False(drained.IsCompleted);
        await subscription.DisposeAsync();
        await drained;
        Assert.Equal(BrokerErrorCode.Unavailable, await BrokerFixture.CodeOfAsync(async () => await fixture.SubscribeAsync()));
    }
}
