using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// The transport's own process is killed.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.Durable)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_answered_before_a_kill_holds_after_it(PlaceKind kind)
    {
        var first = await OpenAsync(kind);
        await PublishBatchAsync(Numbers(0, 60));
        await PublishAsync(Numbers(60, 40));
        var taken = await first.TakeAsync(70);
        Assert.All(await first.CompleteAsync(taken.Take(40)), static o => Assert.Equal(SettlementOutcome.Done, o));
        await KillAsync();
        await PublishAsync("100");
        var again = await (await OpenAsync(kind, start: StartPosition.Latest)).TakeAsync(61);

        // What was published is there once, and what was settled never comes again.
        Assert.Equal(Numbers(40, 61), again.Select(TestSubscriber.Text).OrderBy(int.Parse));
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.Redelivery)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_given_back_before_a_kill_comes_after_it_with_its_count(PlaceKind kind)
    {
        SkipWhen(Fixture.CountsByItself, "the backend counts by itself");

        var first = await OpenAsync(kind);
        await PublishAsync("a");
        Assert.Equal(SettlementOutcome.Done, await first.ReleaseAsync(await first.TakeOneAsync(), attempts: 5));
        await KillAsync();
        var again = await (await OpenAsync(kind)).TakeOneAsync();
        Assert.Equal(("a", 5), (TestSubscriber.Text(again), again.RetryCount));
    }

    [TransportTheory(TransportCapability.Durable, TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_waited_for_its_redelivery_at_a_kill_comes_when_it_is_due(PlaceKind kind)
    {
        var first = await OpenAsync(kind);
        await PublishAsync("a");
        await first.ReleaseAsync(await first.TakeOneAsync(), TimeSpan.FromSeconds(3));
        await KillAsync();
        var again = await OpenAsync(kind);
        await GetsNothingButTheNextAsync(again);
        var next = again.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(3.1));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await again.TakeTextAsync(1));
    }

    private async Task KillAsync()
    {
        var again = await Fixture.KillAsync(Transport);
        SkipWhen(again is null, "the fixture can't kill the transport");
        _others.Add(Transport);
        Transport = again;
    }
}
