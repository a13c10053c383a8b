using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.Redelivery)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_is_given_back_comes_again_with_retry_count_one(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b");
        var taken = await subscriber.TakeAsync(2);
        Assert.Equal(SettlementOutcome.Done, await subscriber.ReleaseAsync(taken[0]));
        Assert.Equal([SettlementOutcome.Done], await subscriber.CompleteAsync(taken[1]));
        var again = await subscriber.TakeOneAsync();
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
        Assert.True(Fixture.StandsBeforeABroker || taken[0].Position == again.Position);
        await subscriber.ReleaseAsync(again);
        Assert.Equal(2, (await subscriber.TakeOneAsync()).RetryCount);
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task What_a_closed_member_had_not_settled_goes_to_the_others_with_retry_count_one()
    {
        var leaves = await JoinAsync();
        await PublishAsync("a", "b", "c");
        var taken = await leaves.TakeAsync(3);
        await leaves.CompleteAsync(taken[1]);
        var stays = await JoinAsync();
        var next = stays.DemandWhenEmpty();
        await leaves.DisposeAsync();
        await next.WaitAsync(Fixture.Patience);
        var again = await stays.TakeAsync(2);
        Assert.Equal(["a", "c"], again.Select(TestSubscriber.Text).Order());
        Assert.All(again, static d => Assert.Equal(1, d.RetryCount));
    }

    [TransportFact(TransportCapability.WorkerGroups, KeepsMessages = true)]
    public async Task Settling_twice_or_after_the_end_does_no_harm()
    {
        var member = await JoinAsync();
        await PublishAsync("a", "b");
        var taken = await member.TakeAsync(2);
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken[0]));
        Assert.Equal([SettlementOutcome.LeaseLost], await member.CompleteAsync(taken[0]));
        await member.DisposeAsync();
        Assert.Equal([SettlementOutcome.LeaseLost], await member.CompleteAsync(taken[1]));

        var next = await JoinAsync();
        Assert.Equal(["b"], await next.TakeTextAsync(1));
        await PublishAsync("c");
        Assert.Equal(["c"], await next.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.Redelivery, TransportCapability.WorkerGroups)]
    public async Task Giving_back_twice_gives_back_once()
    {
        var leaves = await JoinAsync();
        var stays = await JoinAsync();
        await PublishAsync("a");
        var taken = await leaves.TakeOneAsync();
        Assert.Equal(
            [SettlementOutcome.Done, SettlementOutcome.LeaseLost],
            await leaves.SettleAsync(TestSubscriber.Release(taken), TestSubscriber.Release(taken)));
        Assert.Equal("a", await stays.CompleteNextAsync());
        Assert.Equal(SettlementOutcome.LeaseLost, await leaves.ReleaseAsync(taken));
        await leaves.DisposeAsync();
        Assert.Equal(SettlementOutcome.LeaseLost, await leaves.ReleaseAsync(taken));
        await GetsNothingButTheNextAsync(stays);
    }

    [TransportFact(TransportCapability.Redelivery, TransportCapability.WorkerGroups)]
    public async Task What_a_member_let_expire_goes_to_another_free_member_first()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker is not told that it was a deadline");

        var silent = await JoinAsync();
        await PublishAsync("a");
        var taken = await silent.TakeOneAsync();
        var free = await JoinAsync();
        var woken = free.DemandWhenEmpty();
        Assert.Equal(SettlementOutcome.Done, await silent.ReleaseAsync(taken, reason: SettlementReason.DeadlinePassed));
        Assert.Empty(silent.ReadOnce());
        silent.Subscription.Demand(1);
        await woken.WaitAsync(Fixture.Patience);
        var again = await free.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));

        // Regression: a late ack. The new delivery is untouched by it.
        Assert.Equal([SettlementOutcome.LeaseLost], await silent.CompleteAsync(taken));
        Assert.Equal([SettlementOutcome.Done], await free.CompleteAsync(again));
    }

    [TransportTheory(TransportCapability.Redelivery, TransportCapability.WorkerGroups)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_member_let_expire_comes_back_to_it_where_no_other_is_free(bool withAnother)
    {
        SkipWhen(Fixture.StandsBeforeABroker && withAnother, "the other broker takes every member for free that has room");

        var silent = await JoinAsync();
        if (withAnother)
        {
            await JoinAsync();
        }

        await PublishAsync("a");
        var taken = await silent.TakeOneAsync();
        var next = silent.DemandWhenEmpty();
        await silent.ReleaseAsync(taken, reason: SettlementReason.DeadlinePassed);
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await silent.TakeTextAsync(1));
    }

    /// <summary>It was free when the deadline passed, and left before it took anything.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.Redelivery, TransportCapability.WorkerGroups)]
    public async Task What_a_free_member_did_not_take_comes_back_when_it_leaves()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker is not told that it was a deadline");

        var silent = await JoinAsync();
        await PublishAsync("a");
        var taken = await silent.TakeOneAsync();
        var free = await JoinAsync();
        var woken = free.DemandWhenEmpty();
        await silent.ReleaseAsync(taken, reason: SettlementReason.DeadlinePassed);
        await woken.WaitAsync(Fixture.Patience);
        Assert.Empty(silent.ReadOnce());
        var next = silent.Demand();
        await free.DisposeAsync();
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await silent.TakeTextAsync(1));
    }
}
