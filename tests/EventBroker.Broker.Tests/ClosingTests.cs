using EventBroker.Sdk.Interception;

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

    private static async Task<(string Id, int RetryCount)> NextAsync(Subscribing.BrokerSubscription subscription)
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
