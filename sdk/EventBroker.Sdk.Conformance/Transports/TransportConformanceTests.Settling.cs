using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Each_entry_of_a_call_is_decided_by_itself(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b", "c");
        var taken = await subscriber.TakeAsync(3);
        Assert.Equal([SettlementOutcome.Done], await subscriber.CompleteAsync(taken[1]));
        Assert.Equal(
            [SettlementOutcome.Done, SettlementOutcome.LeaseLost, SettlementOutcome.Done, SettlementOutcome.LeaseLost],
            await subscriber.CompleteAsync(taken[0], taken[1], taken[2], taken[0]));
        Assert.Empty(await subscriber.CompleteAsync());
        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Settling_from_several_threads_at_once_decides_every_delivery_once(PlaceKind kind)
    {
        const int count = 400;
        var subscriber = await OpenAsync(kind);
        await PublishBatchAsync(Numbers(0, count));
        var taken = await subscriber.TakeAsync(count);

        // Each delivery is settled by two of them.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            var own = new List<(Delivery Delivery, SettlementOutcome Outcome)>();
            foreach (var chunk in taken.Where((_, i) => i % 4 == thread % 4).Chunk(7))
            {
                own.AddRange(chunk.Zip(await subscriber.CompleteAsync(chunk)));
            }

            return own;
        })));

        foreach (var both in outcomes.SelectMany(static o => o).GroupBy(static o => o.Delivery.Position))
        {
            Assert.Equal(
                [SettlementOutcome.Done, SettlementOutcome.LeaseLost], both.Select(static o => o.Outcome).Order());
        }

        await subscriber.DisposeAsync();
        await GetsNothingButTheNextAsync(await OpenAsync(kind));
    }

    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Settling_goes_on_beside_reading(PlaceKind kind)
    {
        const int count = 500;
        var subscriber = await OpenAsync(kind);
        var publisher = Task.Run(async () =>
        {
            foreach (var some in Numbers(0, count).Chunk(10))
            {
                await PublishBatchAsync(some);
            }
        });
        var settling = new List<Task<SettlementOutcome[]>>();
        for (var read = 0; read < count;)
        {
            var taken = await subscriber.TakeAsync(Math.Min(10, count - read));
            read += taken.Count;
            settling.Add(Task.Run(() => subscriber.CompleteAsync(taken)));
        }

        await publisher;
        Assert.All(
            (await Task.WhenAll(settling)).SelectMany(static o => o), static o => Assert.Equal(SettlementOutcome.Done, o));
    }

    /// <summary>Regression: acks right before a clean close.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory(KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_answered_as_done_while_the_subscription_closed_never_comes_again(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishBatchAsync(Numbers(0, 300));
        var taken = await subscriber.TakeAsync(300);
        var settling = subscriber.CompleteAsync(taken);
        await subscriber.DisposeAsync();
        var outcomes = await settling;

        var left = taken.Where((_, i) => outcomes[i] != SettlementOutcome.Done).Select(TestSubscriber.Text).Append("end");
        await PublishAsync("end");
        var again = await OpenAsync(kind);
        Assert.Equal(left.Order(), (await again.TakeTextAsync(left.Count())).Order());
    }

    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_is_settled_after_the_event_is_gone_is_answered_as_lost(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        var taken = await subscriber.TakeOneAsync();
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        Assert.Equal([SettlementOutcome.LeaseLost], await subscriber.CompleteAsync(taken));
    }

    [TransportTheory]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task Renewing_what_is_held_changes_nothing(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b");
        Delivery[] taken = [.. await subscriber.TakeAsync(2)];
        for (var i = 0; i < 3; i++)
        {
            await subscriber.Subscription.RenewAsync(taken, CancellationToken.None);
        }

        Assert.Empty(subscriber.Probe.Lost);
        Assert.Equal([SettlementOutcome.Done, SettlementOutcome.Done], await subscriber.CompleteAsync(taken));
        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task What_is_held_and_renewed_goes_to_nobody_else()
    {
        SkipWhen(Fixture.StandsBeforeABroker, "the other broker sends as much as may be unsettled");
        var interval = Transport.Capabilities.RenewalInterval ?? TimeSpan.FromMilliseconds(100);
        NeedsToPass(interval * 4);

        var slow = await JoinAsync();
        await PublishAsync("a");
        var taken = await slow.TakeOneAsync();
        var free = await JoinAsync();
        free.Subscription.Demand(10);
        for (var i = 0; i < 4; i++)
        {
            await Fixture.PassTimeAsync(interval);
            await slow.Subscription.RenewAsync(new[] { taken }, CancellationToken.None);
        }

        await GetsNothingButTheNextAsync(free);
        Assert.Equal([SettlementOutcome.Done], await slow.CompleteAsync(taken));
    }

    [TransportTheory(SinglePlace = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task The_unsettled_span_tells_how_far_reading_is_ahead_of_the_place(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        Assert.Equal(0, subscriber.Subscription.UnsettledSpan);
        await PublishAsync(Numbers(0, 5));
        var taken = await subscriber.TakeAsync(5);
        await subscriber.CompleteAsync(taken.Skip(1));
        Assert.Equal(5, subscriber.Subscription.UnsettledSpan);
        await subscriber.CompleteAsync(taken[0]);
        Assert.Equal(0, subscriber.Subscription.UnsettledSpan);
    }
}
