using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task A_member_that_demands_nothing_keeps_nothing_from_the_others()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker sends as much as may be unsettled");

        var idle = await JoinAsync();
        var busy = await JoinAsync();
        await PublishAsync(Numbers(0, 100));
        Assert.Equal(Numbers(0, 100), (await busy.TakeTextAsync(100)).OrderBy(int.Parse));
        Assert.Empty(idle.ReadOnce());
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task A_member_that_has_read_what_it_demanded_keeps_nothing_more_from_the_others()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker sends as much as may be unsettled");

        var few = await JoinAsync();
        var many = await JoinAsync();
        var next = few.Demand(3);
        await PublishAsync(Numbers(0, 50));
        await next.WaitAsync(Fixture.Patience);
        var read = few.ReadOnce(3).Select(TestSubscriber.Text).ToList();
        Assert.InRange(read.Count, 1, 3);
        var rest = await many.TakeTextAsync(50 - read.Count);
        Assert.Equal(Numbers(0, 50), read.Concat(rest).OrderBy(int.Parse));
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task A_member_keeps_no_more_from_the_others_than_it_demanded()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker sends as much as may be unsettled");

        var stuck = await JoinAsync();
        var busy = await JoinAsync();
        var next = stuck.Demand(3);
        await PublishAsync(Numbers(0, 50));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(47, (await busy.TakeAsync(47)).DistinctBy(static d => d.Position).Count());
    }

    /// <summary>Whether it says that it has no room, or closes.</summary>
    /// <param name="closes">Which of both.</param>
    /// <returns>A task.</returns>
    [TransportTheory(TransportCapability.WorkerGroups)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_member_demanded_and_did_not_read_goes_to_another_as_if_for_the_first_time(bool closes)
    {
        SkipWhen(Fixture.StandsBeforeABroker && !closes, "what the other broker has sent goes back when the stream ends");

        var stuck = await JoinAsync();
        var next = stuck.Demand(10);
        var busy = await JoinAsync();
        await PublishAsync(Numbers(0, 10));
        await next.WaitAsync(Fixture.Patience);
        if (closes)
        {
            await stuck.DisposeAsync();
        }
        else
        {
            Assert.Empty(stuck.ReadOnce(0));
        }

        var taken = await busy.TakeAsync(10);
        Assert.Equal(Numbers(0, 10), taken.Select(TestSubscriber.Text).OrderBy(int.Parse));
        if (!Fixture.CountsByItself)
        {
            Assert.All(taken, static d => Assert.Equal(0, d.RetryCount));
        }
    }

    [TransportFact]
    public async Task A_demand_is_signalled_although_there_is_something_already()
    {
        var subscriber = await SubscribeAsync();
        await PublishAsync("a", "b");
        await subscriber.TakeAsync(1);
        for (var i = 0; i < 3; i++)
        {
            await subscriber.Demand(1).WaitAsync(Fixture.Patience);
        }

        Assert.Equal(["b"], await subscriber.TakeTextAsync(1));
        subscriber.Subscription.Demand(1);
        await subscriber.DisposeAsync();

        // After the end as well it throws nothing.
        subscriber.Subscription.Demand(1);
    }
}
