using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Places that are remembered: where they begin, what is told of that, and whose they are.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.ReplayFromBeginning)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_new_place_with_a_start_position_is_told_as_new_and_later_as_kept(PlaceKind kind)
    {
        await PublishAsync("a", "b");
        await using (var first = await OpenAsync(kind, start: StartPosition.Beginning))
        {
            Assert.Equal(ResumeOutcome.New, first.Subscription.Resume);
            Assert.Equal("a", await first.CompleteNextAsync());
        }

        // The same call again goes on, and says that it did.
        var again = await OpenAsync(kind, start: StartPosition.Beginning);
        Assert.Equal(ResumeOutcome.Kept, again.Subscription.Resume);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [TransportTheory(KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup, ResumeOutcome.NotAsked, ResumeOutcome.NotAsked)]
    [InlineData(PlaceKind.ConsumerId, ResumeOutcome.New, ResumeOutcome.Exact)]
    public async Task A_place_without_a_start_position_goes_on_silently(PlaceKind kind, ResumeOutcome first, ResumeOutcome again)
    {
        await using (var subscriber = await OpenAsync(kind))
        {
            Assert.Equal(first, subscriber.Subscription.Resume);
        }

        Assert.Equal(again, (await OpenAsync(kind)).Subscription.Resume);
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task The_end_asked_for_is_a_start_position_like_any_other()
    {
        var first = await JoinAsync("g", StartPosition.Latest);
        Assert.Equal(ResumeOutcome.New, first.Subscription.Resume);
        Assert.Equal(ResumeOutcome.Kept, (await JoinAsync("g", StartPosition.Latest)).Subscription.Resume);
    }

    [TransportFact(TransportCapability.WorkerGroups, TransportCapability.ConsumerResume)]
    public async Task A_worker_group_and_a_consumer_id_of_one_name_are_two_places()
    {
        var worker = await OpenAsync(PlaceKind.WorkerGroup, "same");
        var consumer = await OpenAsync(PlaceKind.ConsumerId, "same");
        await PublishAsync("a", "b");
        Assert.Equal("a", await worker.CompleteNextAsync());
        Assert.Equal("a", await consumer.CompleteNextAsync());
        Assert.Equal("b", await worker.CompleteNextAsync());
        Assert.Equal("b", await consumer.CompleteNextAsync());
    }

    /// <summary>At the end of the group a member comes that asks as the first did, which is right.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task A_member_whose_options_are_not_the_groups_is_refused_by_name()
    {
        var options = new SubscribeOptions
        {
            Mode = DeliveryMode.WorkerPool,
            WorkerGroup = "g",
            MaxAge = TimeSpan.FromMinutes(1),
            LatestOnly = true,
        };
        var member = await SubscribeAsync(options);
        var otherAge = new SubscribeOptions
        {
            Mode = DeliveryMode.WorkerPool,
            WorkerGroup = "g",
            MaxAge = TimeSpan.FromMinutes(2),
            LatestOnly = true,
        };
        var noAge = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", LatestOnly = true };
        var all = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", MaxAge = TimeSpan.FromMinutes(1) };
        await IsRefusedAsync(otherAge, "max_age");
        await IsRefusedAsync(noAge, "max_age");
        await IsRefusedAsync(all, "latest_only");

        // Whoever was refused has left nothing behind, and another group is free to choose.
        await SubscribeAsync(options);
        await JoinAsync("other");
        await PublishAsync("a");
        Assert.Equal("a", await member.CompleteNextAsync());
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task A_members_own_name_is_taken_over_within_its_group()
    {
        var named = new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", ConsumerId = "m-1" };
        var first = await SubscribeAsync(named);
        await SubscribeAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "other", ConsumerId = "m-1" });
        await PublishAsync("a");
        Assert.Equal(["a"], await first.TakeTextAsync(1));
        var ended = first.DemandWhenEmpty();
        var second = await SubscribeAsync(named);
        await ended.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => first.ReadOnce()).Code);
        var again = await second.TakeOneAsync();
        Assert.Equal(("a", 1), (TestSubscriber.Text(again), again.RetryCount));
    }

    /// <summary>Regression: what was read and not settled comes before what was published meanwhile.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory(TransportCapability.Ordering, KeepsMessages = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_that_never_settled_anything_begins_with_what_was_unsettled(PlaceKind kind)
    {
        await using (var first = await OpenAsync(kind))
        {
            await PublishAsync("a", "b", "c");
            await first.TakeAsync(3);
        }

        await PublishAsync("d", "e", "f", "g", "h");
        var again = await OpenAsync(kind);
        Assert.Equal(["a", "b", "c", "d", "e", "f", "g", "h"], await again.TakeTextAsync(8));
    }

    private async Task IsRefusedAsync(SubscribeOptions options, string name)
    {
        var failure = await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SubscribeAsync(options));
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }
}
