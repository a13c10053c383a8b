using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(Backend = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_is_taken_away_is_told_settled_by_nobody_here_and_delivered_elsewhere(PlaceKind kind)
    {
        var loser = await OpenAsync(kind);
        await PublishAsync("settled", "a", "b");
        var taken = await loser.TakeAsync(3);
        await loser.CompleteAsync(taken[0]);
        var told = loser.Probe.NextLoss;
        SkipUnless(
            await Fixture.TakeLeasesAsync(Transport, Event, kind, "p"), "the fixture can't make the backend take leases away");
        await told.WaitAsync(Fixture.Patience);
        Assert.Equal(["a", "b"], loser.Probe.Lost.Select(TestSubscriber.Text));
        Assert.Equal([SettlementOutcome.LeaseLost, SettlementOutcome.LeaseLost], await loser.CompleteAsync(taken[1], taken[2]));

        // It goes on, and what it has lost does not come again to it.
        await GetsNothingButTheNextAsync(loser);
        await loser.DisposeAsync();
        var again = await (await OpenAsync(kind)).TakeAsync(2);
        Assert.Equal(["a", "b"], again.Select(TestSubscriber.Text));
        Assert.All(again, static d => Assert.True(d.RetryCount > 0));
    }

    [TransportFact(TransportCapability.WorkerGroups, Backend = true)]
    public async Task What_one_member_loses_another_gets_and_settles()
    {
        var loser = await JoinAsync("p");
        await PublishAsync("a");
        var lost = await loser.TakeOneAsync();
        var winner = await JoinAsync("p");
        var next = winner.DemandWhenEmpty();
        SkipUnless(
            await Fixture.TakeLeasesAsync(Transport, Event, PlaceKind.WorkerGroup, "p"), "the fixture can't make the backend take leases away");
        await next.WaitAsync(Fixture.Patience);
        var won = await winner.TakeOneAsync();
        Assert.Equal("a", TestSubscriber.Text(won));

        // Late, and not the one that counts any more.
        Assert.Equal([SettlementOutcome.LeaseLost], await loser.CompleteAsync(lost));
        Assert.Equal([SettlementOutcome.Done], await winner.CompleteAsync(won));
        await loser.DisposeAsync();
        await GetsNothingButTheNextAsync(winner);
    }
}
