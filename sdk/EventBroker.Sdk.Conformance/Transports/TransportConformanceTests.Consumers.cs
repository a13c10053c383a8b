using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.ConsumerResume)]
    public async Task A_consumer_id_goes_on_behind_what_it_completed()
    {
        await using (var first = await SubscribeAsync(Consumer()))
        {
            Assert.Equal(ResumeOutcome.New, first.Subscription.Resume);
            Assert.True(first.Subscription.TracksSettlement);
            await PublishAsync("a", "b", "c", "d");
            var taken = await first.TakeAsync(4);
            Assert.Equal([SettlementOutcome.Done, SettlementOutcome.Done], await first.CompleteAsync(taken[0], taken[2]));
        }

        await PublishAsync("e");
        var again = await SubscribeAsync(Consumer());
        Assert.Equal(ResumeOutcome.Exact, again.Subscription.Resume);

        // What lies behind the gap may come again, what lies before it may not.
        var next = await again.TakeTextAsync(2);
        Assert.Equal("b", next[0]);
        Assert.Contains(next[1], new[] { "c", "d" });
        Assert.Contains("e", (await again.TakeTextAsync(next[1] == "c" ? 2 : 1)));
    }

    [TransportFact(TransportCapability.ConsumerResume)]
    public async Task A_consumer_ids_own_place_counts_more_than_a_start_position()
    {
        await using (var first = await SubscribeAsync(Consumer()))
        {
            await PublishAsync("a", "b");
            Assert.Equal("a", await first.CompleteNextAsync());
        }

        var again = await SubscribeAsync(new SubscribeOptions { ConsumerId = "c-1", Start = StartPosition.Latest });
        Assert.Equal(ResumeOutcome.Kept, again.Subscription.Resume);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.ConsumerResume)]
    public async Task A_second_subscription_takes_a_consumer_id_over()
    {
        var first = await SubscribeAsync(Consumer());
        await PublishAsync("a", "b");
        Assert.Equal("a", await first.CompleteNextAsync());
        Assert.Equal(["b"], await first.TakeTextAsync(1));
        var ended = first.DemandWhenEmpty();
        var second = await SubscribeAsync(Consumer());
        await ended.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => first.ReadOnce()).Code);
        Assert.Equal(["b"], await second.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.ConsumerResume)]
    public async Task Consumer_ids_do_not_disturb_each_other()
    {
        var one = await SubscribeAsync(Consumer("c-1"));
        var other = await SubscribeAsync(Consumer("c-2"));
        await PublishAsync("a");
        Assert.Equal("a", await one.CompleteNextAsync());
        Assert.Equal("a", await other.CompleteNextAsync());
    }
}
