using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Seek, Undeclared = true)]
    public async Task Moving_a_place_is_refused_where_it_is_not_declared()
    {
        await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SeekAsync(PlaceKind.WorkerGroup, StartPosition.Latest));
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromBeginning, TransportCapability.Ordering)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_moved_to_the_beginning_gets_everything_again(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b", "c");
        await subscriber.CompleteAsync(await subscriber.TakeAsync(2));
        await SeekAsync(kind, StartPosition.Beginning);
        Assert.Equal(["a", "b", "c"], await subscriber.TakeTextAsync(3));
    }

    [TransportTheory(TransportCapability.Seek)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_moved_to_the_end_leaves_out_what_lies_before(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b", "c");
        await subscriber.TakeAsync(1);
        await SeekAsync(kind, StartPosition.Latest);
        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromTimestamp, TransportCapability.Ordering)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_can_be_moved_to_a_time(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b");
        await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(50));
        var middle = Fixture.Clock.GetUtcNow();
        await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(50));
        await PublishAsync("c", "d");
        await subscriber.CompleteAsync(await subscriber.TakeAsync(4));
        await SeekAsync(kind, StartPosition.Timestamp, middle);
        Assert.Equal(["c", "d"], await subscriber.TakeTextAsync(2));
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromCursor, TransportCapability.Broadcast, TransportCapability.Ordering)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_can_be_moved_behind_a_cursor(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        var witness = await SubscribeAsync();
        await PublishAsync("a", "b", "c");
        var cursor = TestSubscriber.Cursor((await witness.TakeAsync(3))[0]);
        await subscriber.CompleteAsync(await subscriber.TakeAsync(3));
        await SeekAsync(kind, after: cursor);
        Assert.Equal(["b", "c"], await subscriber.TakeTextAsync(2));
        var failure = await FailsAsync(BrokerErrorCode.InvalidArgument, () => SeekAsync(kind, after: "no cursor"));
        Assert.NotEqual("internal error", failure.Message);
    }

    /// <summary>A cursor whose messages retention has removed leads nowhere: whoever moves a place is told, and the place stays.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromCursor, TransportCapability.Broadcast)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_is_not_moved_behind_a_cursor_that_is_lost(PlaceKind kind)
    {
        var witness = await SubscribeAsync();
        await PublishAsync("a");
        var cursor = TestSubscriber.Cursor(await witness.TakeOneAsync());
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        var subscriber = await OpenAsync(kind);
        await PublishAsync("b");
        await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SeekAsync(kind, after: cursor));
        Assert.Equal(["b"], await subscriber.TakeTextAsync(1));
    }

    [TransportTheory(TransportCapability.Seek)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_was_held_when_the_place_moved_is_told_as_lost(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b", "c");
        var taken = await subscriber.TakeAsync(2);
        await subscriber.CompleteAsync(taken[0]);
        var told = subscriber.Probe.NextLoss;
        await SeekAsync(kind, StartPosition.Latest);
        await told.WaitAsync(Fixture.Patience);
        Assert.Equal(["b"], subscriber.Probe.Lost.Select(TestSubscriber.Text));
        Assert.Equal([SettlementOutcome.LeaseLost], await subscriber.CompleteAsync(taken[1]));
        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_waited_for_its_redelivery_when_the_place_moved_does_not_come(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        await subscriber.ReleaseAsync(await subscriber.TakeOneAsync(), TimeSpan.FromSeconds(1));
        await SeekAsync(kind, StartPosition.Latest);
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(1.1));
        await GetsNothingButTheNextAsync(subscriber);
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromBeginning)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_waiting_subscription_is_woken_when_its_place_moves_back(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        Assert.Equal("a", await subscriber.CompleteNextAsync());
        var next = subscriber.DemandWhenEmpty();
        await SeekAsync(kind, StartPosition.Beginning);
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
    }

    [TransportTheory(TransportCapability.Seek, TransportCapability.ReplayFromBeginning)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_that_does_not_exist_is_made_where_it_is_moved_to(PlaceKind kind)
    {
        await PublishAsync("a");
        await SeekAsync(kind, StartPosition.Beginning);
        var subscriber = await OpenAsync(kind, start: StartPosition.Latest);
        Assert.Equal(ResumeOutcome.Kept, subscriber.Subscription.Resume);
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.Seek, TransportCapability.WorkerGroups, TransportCapability.ConsumerResume)]
    public async Task Moving_one_place_leaves_the_others_alone()
    {
        var moved = await OpenAsync(PlaceKind.WorkerGroup);
        var consumer = await OpenAsync(PlaceKind.ConsumerId);
        var group = await OpenAsync(PlaceKind.WorkerGroup, "other");
        await PublishAsync("a", "b");
        Delivery[] taken = [await consumer.TakeOneAsync(), await group.TakeOneAsync()];
        await SeekAsync(PlaceKind.WorkerGroup, StartPosition.Latest);
        await GetsNothingButTheNextAsync(moved);
        Assert.Equal([SettlementOutcome.Done], await consumer.CompleteAsync(taken[0]));
        Assert.Equal([SettlementOutcome.Done], await group.CompleteAsync(taken[1]));
        Assert.Equal("b", await consumer.CompleteNextAsync());
        Assert.Equal("b", await group.CompleteNextAsync());
        await FailsAsync(
            BrokerErrorCode.NotFound,
            () => Transport.SeekAsync(
                Fixture.NewEventName(),
                new SeekRequest { Kind = PlaceKind.WorkerGroup, Name = "p", Position = StartPosition.Latest },
                CancellationToken.None).AsTask());
    }

    private Task SeekAsync(
        PlaceKind kind, StartPosition to = StartPosition.Unspecified, DateTimeOffset? time = null, string? after = null) =>
        Transport.SeekAsync(
            Event, new SeekRequest { Kind = kind, Name = "p", Position = to, Time = time, After = after }, CancellationToken.None).AsTask();
}
