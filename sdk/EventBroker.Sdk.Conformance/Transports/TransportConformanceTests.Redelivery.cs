using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [Fact]
    public async Task What_a_member_gives_back_comes_again_with_retry_count_one()
    {
        Needs(TransportCapability.WorkerGroups, TransportCapability.Redelivery);

        var member = await JoinAsync();
        await PublishAsync("a", "b");
        var taken = await member.TakeAsync(2);
        Assert.Equal(SettlementOutcome.Done, await member.ReleaseAsync(taken[0]));
        Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(taken[1]));
        var again = await member.TakeOneAsync();
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
        Assert.True(Fixture.StandsBeforeABroker || taken[0].Position == again.Position);
        await member.ReleaseAsync(again);
        Assert.Equal(2, (await member.TakeOneAsync()).RetryCount);
    }

    [Fact]
    public async Task What_a_closed_member_had_not_settled_goes_to_the_others_with_retry_count_one()
    {
        Needs(TransportCapability.WorkerGroups);

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

    [Fact]
    public async Task What_the_last_member_had_not_settled_waits_for_the_next()
    {
        Needs(TransportCapability.WorkerGroups);
        Assert.SkipWhen(Transport.Capabilities.Guarantee == DeliveryGuarantee.AtMostOnce, "a transport that keeps nothing may lose it");

        var first = await JoinAsync();
        await PublishAsync("a");
        await first.TakeAsync(1);
        await first.DisposeAsync();
        var second = await JoinAsync();
        var again = await second.TakeOneAsync();
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
    }

    [Fact]
    public async Task Settling_twice_or_after_the_end_does_no_harm()
    {
        Needs(TransportCapability.WorkerGroups);
        Assert.SkipWhen(Transport.Capabilities.Guarantee == DeliveryGuarantee.AtMostOnce, "a transport that keeps nothing may lose it");

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

    [Fact]
    public async Task A_delivery_given_back_with_a_delay_comes_after_it()
    {
        Needs(TransportCapability.WorkerGroups, TransportCapability.RedeliveryDelay);

        var member = await JoinAsync();
        await PublishAsync("a");
        await member.ReleaseAsync(await member.TakeOneAsync(), TimeSpan.FromSeconds(1));
        await PublishAsync("b");
        Assert.Equal(["b"], await member.TakeTextAsync(1));
        var next = member.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(1.1));
        await next.WaitAsync(Fixture.Patience);
        var again = await member.TakeOneAsync();
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
    }
}
