using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.Redelivery)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_is_given_back_comes_again_with_the_attempts_that_it_was_given_back_with(PlaceKind kind)
    {
        SkipWhen(Fixture.CountsByItself, "the backend counts by itself");

        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        await subscriber.ReleaseAsync(await subscriber.TakeOneAsync(), attempts: 5);
        var again = await subscriber.TakeOneAsync();
        Assert.Equal(5, again.RetryCount);

        // Read and not sent counts as nothing.
        await subscriber.ReleaseAsync(again, reason: SettlementReason.NeverSent);
        again = await subscriber.TakeOneAsync();
        Assert.Equal(5, again.RetryCount);
        await subscriber.ReleaseAsync(again);
        Assert.Equal(6, (await subscriber.TakeOneAsync()).RetryCount);
    }

    [TransportTheory(TransportCapability.Redelivery, KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup, SettlementReason.Disconnected, 5)]
    [InlineData(PlaceKind.WorkerGroup, SettlementReason.NeverSent, 4)]
    [InlineData(PlaceKind.ConsumerId, SettlementReason.Disconnected, 5)]
    [InlineData(PlaceKind.ConsumerId, SettlementReason.NeverSent, 4)]
    public async Task A_count_outlives_the_subscription(PlaceKind kind, SettlementReason reason, int expected)
    {
        SkipWhen(Fixture.CountsByItself, "the backend counts by itself");

        await using (var first = await OpenAsync(kind))
        {
            await PublishAsync("a");
            await first.ReleaseAsync(await first.TakeOneAsync(), attempts: 4);
            Assert.Equal(SettlementOutcome.Done, await first.ReleaseAsync(await first.TakeOneAsync(), reason: reason));
        }

        Assert.Equal(expected, (await (await OpenAsync(kind)).TakeOneAsync()).RetryCount);
    }

    [TransportTheory(TransportCapability.Redelivery, TransportCapability.Ordering, KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_never_sent_keeps_its_place(PlaceKind kind)
    {
        SkipWhen(Fixture.CountsByItself, "to the backend what was never sent is a redelivery");

        // Each time a part of what was given back before, in one batch.
        for (var count = 5; count > 0; count -= 2)
        {
            await using var subscriber = await OpenAsync(kind);
            if (count == 5)
            {
                await PublishAsync("a", "b", "c", "d", "e", "f");
            }

            var taken = await subscriber.TakeAsync(count);
            var outcomes = await subscriber.SettleAsync(taken.Select(static d => TestSubscriber.Release(d, reason: SettlementReason.NeverSent)));
            Assert.All(outcomes, static o => Assert.Equal(SettlementOutcome.Done, o));
        }

        Assert.Equal(["a", "b", "c", "d", "e", "f"], await (await OpenAsync(kind)).TakeTextAsync(6));
    }

    [TransportTheory(KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_could_not_be_given_back_counts_once_more_when_the_subscription_is_disposed(PlaceKind kind)
    {
        await PublishToNobodyAsync("before");
        for (var count = 0; count < 4; count++)
        {
            await using var subscriber = await OpenAsync(kind);
            if (count == 0)
            {
                await PublishAsync("a");
            }

            var taken = await subscriber.TakeOneAsync();
            Assert.Equal(("a", count), (TestSubscriber.Text(taken), taken.RetryCount));
        }
    }

    /// <summary>Regression: attempts across members.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task Members_that_die_one_after_the_other_count_up()
    {
        var dies = await JoinAsync();
        await PublishAsync("a");
        for (var count = 0; count < 4; count++)
        {
            var taken = await dies.TakeOneAsync();
            Assert.Equal(("a", count), (TestSubscriber.Text(taken), taken.RetryCount));
            var heir = await JoinAsync();
            await dies.DisposeAsync();
            dies = heir;
        }
    }

    [TransportFact(TransportCapability.Redelivery, TransportCapability.WorkerGroups)]
    public async Task Each_group_counts_for_itself()
    {
        var fails = await JoinAsync("fails");
        var succeeds = await JoinAsync("succeeds");
        await PublishAsync("a");
        await fails.ReleaseAsync(await fails.TakeOneAsync());
        Assert.Equal(1, (await fails.TakeOneAsync()).RetryCount);
        Assert.Equal(0, (await succeeds.TakeOneAsync()).RetryCount);
    }
}
