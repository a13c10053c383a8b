using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;

namespace EventBroker.Broker.Tests;

// What a subscription gives back at its end: what may have arrived counts, what was never sent keeps its count and its place.
public class ClosingTests
{
    [Fact]
    public async Task What_was_taken_behind_what_is_being_written_does_not_count()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var ended = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        await fixture.PublishAsync("b");
        Assert.Equal(1, await ended.TakeAsync(new OutboundDelivery[1], 1000));
        ended.Sending();
        Assert.Equal(1, await ended.TakeAsync(new OutboundDelivery[1], 1000));

        await ended.DisposeAsync();

        await using var next = await fixture.SubscribeAsync("workers");
        Assert.Equal([("a", 1), ("b", 0)], await ReadAsync(next));
    }

    [Fact]
    public async Task What_is_given_back_already_is_not_written()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var ended = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        Assert.Equal(1, await ended.TakeAsync(new OutboundDelivery[1], 1000));

        await ended.DisposeAsync();

        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(ended.Sending).Code);
        await using var next = await fixture.SubscribeAsync("workers");
        Assert.Equal([("a", 0)], await ReadAsync(next));
    }

    [Theory]
    [InlineData("workers", "")]
    [InlineData(null, "consumer")]
    public async Task What_was_being_read_goes_back_with_what_was_taken_before_in_order_and_uncounted(string? group, string consumerId)
    {
        HookedReads? transport = null;
        await using var fixture = new BrokerFixture(makeTransport: clock => transport = new HookedReads(clock));
        await fixture.RegisterAsync();
        var ended = await fixture.SubscribeAsync(group, consumerId: consumerId);
        for (var i = 0; i < 6; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        Assert.Equal(2, await ended.TakeAsync(new OutboundDelivery[2], 1000));
        var closed = Task.CompletedTask;
        transport!.AfterRead = () => closed = ended.DisposeAsync().AsTask();
        Assert.Equal(0, await ended.TakeAsync(new OutboundDelivery[2], 1000));
        transport.AfterRead = null;
        await closed;

        await using var next = await fixture.SubscribeAsync(group, consumerId: consumerId);
        Assert.Equal([("m0", 0), ("m1", 0), ("m2", 0), ("m3", 0), ("m4", 0), ("m5", 0)], await ReadAsync(next));
    }

    [Theory]
    [InlineData("workers", "")]
    [InlineData(null, "consumer")]
    public async Task What_was_never_sent_keeps_its_place_however_often_it_is_given_back(string? group, string consumerId)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var ended = await fixture.SubscribeAsync(group, consumerId: consumerId);
        for (var i = 0; i < 6; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        for (var count = 5; count >= 1; count--)
        {
            Assert.Equal(count, await ended.TakeAsync(new OutboundDelivery[count], 1000));
            await ended.DisposeAsync();
            ended = await fixture.SubscribeAsync(group, consumerId: consumerId);
        }

        Assert.Equal([("m0", 0), ("m1", 0), ("m2", 0), ("m3", 0), ("m4", 0), ("m5", 0)], await ReadAsync(ended));
        await ended.DisposeAsync();
    }

    [Fact]
    public async Task Another_worker_gets_what_was_never_sent_before_anything_newer()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var ended = await fixture.SubscribeAsync("workers");
        await using var other = await fixture.SubscribeAsync("workers");
        for (var i = 0; i < 6; i++)
        {
            await fixture.PublishAsync("m" + i);
        }

        Assert.Equal(3, await ended.TakeAsync(new OutboundDelivery[3], 1000));
        await ended.DisposeAsync();

        Assert.Equal([("m0", 0), ("m1", 0), ("m2", 0), ("m3", 0), ("m4", 0), ("m5", 0)], await ReadAsync(other));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_unsettled_goes_to_another_worker_although_an_interceptor_throws_or_hangs_when_it_is_cancelled(bool hangs)
    {
        using var gate = new ManualResetEventSlim();
        await using var fixture = new BrokerFixture(interceptors: [new Unruly(() =>
        {
            if (!hangs)
            {
                throw new InvalidOperationException("not now");
            }

            gate.Wait();
        })]);
        await fixture.RegisterAsync();
        var subscription = await fixture.SubscribeAsync("workers");
        await fixture.PublishAsync("a");
        Assert.Equal("a", (await BrokerFixture.NextAsync(subscription)).Message.GetId());
        try
        {
            var closed = subscription.DisposeAsync().AsTask();
            fixture.Clock.Advance(new BrokerOptions().CloseTimeout);
            await closed;

            await using var other = await fixture.SubscribeAsync("workers");
            Assert.Equal(("a", 1), await NextAsync(other));
        }
        finally
        {
            gate.Set();
        }
    }

    private static async Task<List<(string Id, int RetryCount)>> ReadAsync(BrokerSubscription subscription) =>
        (await BrokerFixture.TakeAsync(subscription)).ConvertAll(static d => (d.Message.GetId(), d.RetryCount));

    private static async Task<(string Id, int RetryCount)> NextAsync(BrokerSubscription subscription)
    {
        var next = await BrokerFixture.NextAsync(subscription);
        return (next.Message.GetId(), next.RetryCount);
    }

    // Misbehaves when the first of its subscriptions ends.
    private sealed class Unruly(Action onCancelled) : IInterceptor
    {
        private int _registered;

        public InterceptionStages Stages => InterceptionStages.Deliver;

        public ValueTask DeliverAsync(DeliverContext context, DeliverNext next)
        {
            if (Interlocked.Exchange(ref _registered, 1) == 0)
            {
                context.CancellationToken.Register(onCancelled);
            }

            return next(context);
        }
    }
}
