using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Broker.Tests;

// The end of a subscription comes, whatever stands in its way.
public class ClosingTests
{
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

    [Fact]
    public async Task What_is_read_while_the_subscription_closes_is_given_back_with_the_rest_in_its_order()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        PausingTransport? transport = null;
        await using var fixture = new BrokerFixture(makeTransport: clock =>
            transport = new PausingTransport(new MemoryTransport("local", new MemorySettings(), clock, meter, NullLogger.Instance)));
        await fixture.RegisterAsync();
        var request = new SubscribeRequest { EventName = "e", ConsumerId = "c" };
        var subscription = await fixture.Broker.SubscribeAsync(fixture.Caller, request, CancellationToken.None);
        await fixture.PublishAsync("m0");
        var first = await BrokerFixture.NextAsync(subscription);
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, first, Settlement.Nack, TimeSpan.Zero));

        // Taken once more and never sent; and then a read that is slow.
        Assert.Equal(1, await subscription.TakeAsync(new OutboundDelivery[1], 1000));
        await fixture.PublishAsync("m1");
        await fixture.PublishAsync("m2");
        using var reads = new SemaphoreSlim(0);
        using var goesOn = new SemaphoreSlim(0);
        transport!.BeforeRead = () =>
        {
            reads.Release();
            goesOn.Wait();
        };
        var taking = Task.Run(async () => await subscription.TakeAsync(new OutboundDelivery[8], 1000));
        await reads.WaitAsync();
        var closing = subscription.DisposeAsync().AsTask();
        goesOn.Release();
        Assert.Equal(0, await taking);
        await closing;

        transport.BeforeRead = static () => { };
        await using var again = await fixture.Broker.SubscribeAsync(fixture.Caller, request, CancellationToken.None);
        Assert.Equal([("m0", 1), ("m1", 0), ("m2", 0)], [await NextAsync(again), await NextAsync(again), await NextAsync(again)]);
        await transport.DisposeAsync();
    }

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
