using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    // A timer is set in whole milliseconds.
    private static readonly TimeSpan DelayTolerance = TimeSpan.FromMilliseconds(10);

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_delivery_given_back_with_a_delay_comes_after_it(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        Assert.Equal(SettlementOutcome.Done, await subscriber.ReleaseAsync(await subscriber.TakeOneAsync(), TimeSpan.FromSeconds(3)));
        await PublishAsync("b");
        Assert.Equal(["b"], await subscriber.TakeTextAsync(1));
        var next = subscriber.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(3.1));
        await next.WaitAsync(Fixture.Patience);
        var again = await subscriber.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
    }

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_long_delay_is_met_behind_a_short_one_and_before_it(PlaceKind kind)
    {
        await ProveDelaysAsync(kind, [Milliseconds(300), Milliseconds(700)], default);
        await ProveDelaysAsync(kind, [Milliseconds(700), Milliseconds(300)], default);
    }

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task The_same_delay_asked_for_one_after_the_other_is_met_for_each(PlaceKind kind)
    {
        await ProveDelaysAsync(kind, [.. Enumerable.Repeat(Milliseconds(500), 5)], Milliseconds(20));
    }

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_hundred_delays_in_any_order_are_all_met(PlaceKind kind)
    {
        var random = new Random(20_261_101);
        await ProveDelaysAsync(kind, [.. Enumerable.Range(0, 100).Select(_ => Milliseconds(random.Next(1, 31) * 100))], default);
    }

    /// <summary>Regression: delayed nacks take no room from what is published behind them.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Many_deliveries_that_wait_hold_up_nothing(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishBatchAsync(Numbers(0, 1_200).Select(t => new TransportMessage(Message(t))));

        // In two turns, since a backend may know the in-flight limit: more than it allows are never held.
        for (var turn = 0; turn < 2; turn++)
        {
            var taken = await subscriber.TakeAsync(600);
            var outcomes = await subscriber.SettleAsync(taken.Select(static d => TestSubscriber.Release(d, TimeSpan.FromHours(1))));
            Assert.All(outcomes, static o => Assert.Equal(SettlementOutcome.Done, o));
        }

        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_delay_outlives_the_subscription(PlaceKind kind)
    {
        await using (var first = await OpenAsync(kind))
        {
            await PublishAsync("a");
            await first.ReleaseAsync(await first.TakeOneAsync(), TimeSpan.FromSeconds(4));
        }

        var again = await OpenAsync(kind);
        await GetsNothingButTheNextAsync(again);
        var next = again.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(4.1));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await again.TakeTextAsync(1));
    }

    private static TimeSpan Milliseconds(int number) => TimeSpan.FromMilliseconds(number);

    /// <summary>Gives deliveries back with delays, one after the other with a pause between, and proves of each that it comes when it is due.</summary>
    private async Task ProveDelaysAsync(PlaceKind kind, IReadOnlyList<TimeSpan> delays, TimeSpan pause)
    {
        await using var subscriber = await OpenAsync(kind);
        await PublishBatchAsync(Numbers(0, delays.Count));
        var due = new Dictionary<string, DateTimeOffset>();
        foreach (var (delivery, delay) in (await subscriber.TakeAsync(delays.Count)).Zip(delays))
        {
            due[TestSubscriber.Text(delivery)] = Fixture.Clock.GetUtcNow() + delay;
            Assert.Equal(SettlementOutcome.Done, await subscriber.ReleaseAsync(delivery, delay));
            await (pause > TimeSpan.Zero ? Fixture.PassTimeAsync(pause) : ValueTask.CompletedTask);
        }

        foreach (var time in due.Values.Distinct().Order().ToList())
        {
            var wait = time + DelayTolerance - Fixture.Clock.GetUtcNow();
            await (wait > TimeSpan.Zero ? Fixture.PassTimeAsync(wait) : ValueTask.CompletedTask);
            var taken = await subscriber.TakeAsync(due.Count(d => d.Value <= time));
            foreach (var delivery in taken)
            {
                Assert.True(due.Remove(TestSubscriber.Text(delivery), out var own), "came twice");
                Assert.True(own <= Fixture.Clock.GetUtcNow() + DelayTolerance, "came too early");
                Assert.Equal(1, delivery.RetryCount);
            }

            await subscriber.CompleteAsync(taken);
        }

        Assert.Empty(due);
    }
}
