using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;

namespace EventBroker.Broker.Tests;

public class InterceptionTests
{
    [Fact]
    public async Task Interceptors_stand_around_each_other_in_their_order()
    {
        var seen = new List<string>();
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("outer", seen), new Recorder("inner", seen)]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();

        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);
        await fixture.SettleAsync(subscription, delivery, Settlement.Ack);

        string[] around = ["outer>", "inner>", "<inner", "<outer"];
        Assert.Equal([.. around.Select(static s => "publish " + s), .. around.Select(static s => "deliver " + s), .. around.Select(static s => "settle " + s)], seen);
    }

    [Fact]
    public async Task A_refused_publish_tells_the_interceptors_reason()
    {
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("x", []) { Publish = static (_, _) => throw new BrokerException(BrokerErrorCode.InvalidArgument, "no such schema") }]);
        await fixture.RegisterAsync();

        Assert.Equal(BrokerErrorCode.InvalidArgument, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
    }

    [Fact]
    public async Task A_publish_that_is_not_passed_on_is_refused()
    {
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("x", []) { Publish = static (_, _) => default }]);
        await fixture.RegisterAsync();

        Assert.Equal(BrokerErrorCode.PermissionDenied, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
    }

    [Fact]
    public async Task A_withheld_delivery_counts_as_settled_and_a_failed_one_comes_back()
    {
        var failed = false;
        await using var fixture = new BrokerFixture(interceptors:
        [
            new Recorder("x", [])
            {
                Deliver = (context, next) =>
                {
                    if (context.Message.GetId() == "withheld")
                    {
                        return default;
                    }

                    if (!failed)
                    {
                        failed = true;
                        throw new InvalidOperationException("once");
                    }

                    return next(context);
                },
            },
        ]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("withheld");
        await fixture.PublishAsync("a");

        // Not at once, or an interceptor that keeps failing would keep the broker busy.
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        var delivery = await BrokerFixture.NextAsync(subscription);

        // It was never handed over, so this is its first attempt.
        Assert.Equal(("a", 0), (delivery.Message.GetId(), delivery.RetryCount));
        fixture.Clock.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_replaced_message_is_seen_by_this_subscriber_and_not_shared()
    {
        await using var fixture = new BrokerFixture(interceptors:
        [
            new Recorder("x", [])
            {
                Deliver = static (context, next) =>
                {
                    context.Message = MessageEncoder.Encode(context.Message.GetId(), "masked", [], null, context.Message.GetTimestamp());
                    return next(context);
                },
            },
        ]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");

        var delivery = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(("masked", false), (delivery.Message.GetSource(), delivery.IsShared));
    }

    [Fact]
    public async Task A_settlement_that_an_interceptor_refuses_leaves_the_message_in_flight()
    {
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("x", []) { Settle = static (_, _) => throw new InvalidOperationException("no") }]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(SettleResult.Failed, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        fixture.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, (await BrokerFixture.NextAsync(subscription)).RetryCount);
    }

    [Fact]
    public async Task A_message_that_an_interceptor_makes_too_large_to_be_delivered_is_refused()
    {
        await using var fixture = new BrokerFixture(
            interceptors: [new Recorder("x", []) { Publish = static (context, next) => { Grow(context); return next(context); } }],
            options: new BrokerOptions { MaxMessageBytes = 1024 });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();

        Assert.Equal(BrokerErrorCode.ResourceExhausted, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("large").AsTask()));
        await fixture.PublishAsync("small");

        var delivery = await BrokerFixture.NextAsync(subscription);
        Assert.Equal(("small", 0L), (delivery.Message.GetId(), delivery.Missed));

        static void Grow(PublishContext context)
        {
            if (context.Message.GetId() == "large")
            {
                context.Message = MessageEncoder.Encode("large", "", new byte[1024], null, context.Message.GetTimestamp());
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_delivery_that_an_interceptor_makes_too_large_for_the_stream_is_told_as_missed(string? group)
    {
        await using var fixture = new BrokerFixture(
            interceptors: [new Recorder("x", []) { Deliver = static (context, next) => { Grow(context); return next(context); } }],
            options: new BrokerOptions { MaxMessageBytes = 1024 });
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        await fixture.PublishAsync("large");
        await fixture.PublishAsync("small");

        var delivery = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(("small", 1L), (delivery.Message.GetId(), delivery.Missed));
        Assert.Equal("1", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["undeliverable"]);
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("small", (await BrokerFixture.NextAsync(subscription)).Message.GetId());

        static void Grow(DeliverContext context)
        {
            if (context.Message.GetId() == "large")
            {
                context.Message = MessageEncoder.Encode("large", "", new byte[1024], null, context.Message.GetTimestamp());
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("workers")]
    public async Task A_stream_from_which_everything_is_withheld_is_not_taken_for_a_stuck_one(string? group)
    {
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("x", [])
        {
            Deliver = static (context, next) => context.Message.GetId() == "withheld" ? default : next(context),
        }]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync(group);
        subscription.ConnectionStuck = static () => Assert.Fail("cut");
        await fixture.PublishAsync("withheld");

        // There is nothing to write, so a stream has nothing to say of having sent it.
        Assert.Equal(0, await subscription.TakeAsync(new OutboundDelivery[8], 1000));
        fixture.Clock.Advance(TimeSpan.FromHours(1));

        await fixture.PublishAsync("a");
        Assert.Equal("a", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
    }

    // A subscriber may answer before the flush that brought it the message has ended.
    [Fact]
    public async Task A_settlement_tells_how_often_the_message_came_before_also_where_it_comes_before_the_end_of_its_flush()
    {
        var counts = new List<int>();
        await using var fixture = new BrokerFixture(interceptors: [new Recorder("x", [])
        {
            Settle = (context, next) =>
            {
                counts.Add(context.RetryCount);
                return next(context);
            },
        }]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var taken = new OutboundDelivery[1];
        for (var i = 0; i < 2; i++)
        {
            await subscription.WaitAsync();
            Assert.Equal(1, await subscription.TakeAsync(taken, 1000));
            Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[0], Settlement.Nack, TimeSpan.Zero));
        }

        Assert.Equal(1, await subscription.TakeAsync(taken, 1000));
        await subscription.SentAsync(hasWaited: true);
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, taken[0], Settlement.Ack));
        Assert.Equal([0, 1, 2], counts);
    }

    private sealed class Recorder(string name, List<string> seen) : IInterceptor
    {
        public InterceptionStages Stages => InterceptionStages.Publish | InterceptionStages.Deliver | InterceptionStages.Settle;

        public Func<PublishContext, PublishNext, ValueTask>? Publish { get; init; }

        public Func<DeliverContext, DeliverNext, ValueTask>? Deliver { get; init; }

        public Func<SettleContext, SettleNext, ValueTask>? Settle { get; init; }

        public ValueTask PublishAsync(PublishContext context, PublishNext next) =>
            Publish is null ? AroundAsync("publish", () => next(context)) : Publish(context, next);

        public ValueTask DeliverAsync(DeliverContext context, DeliverNext next) =>
            Deliver is null ? AroundAsync("deliver", () => next(context)) : Deliver(context, next);

        public ValueTask SettleAsync(SettleContext context, SettleNext next) =>
            Settle is null ? AroundAsync("settle", () => next(context)) : Settle(context, next);

        private async ValueTask AroundAsync(string stage, Func<ValueTask> next)
        {
            seen.Add($"{stage} {name}>");
            await next();
            seen.Add($"{stage} <{name}");
        }
    }
}
