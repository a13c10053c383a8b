using EventBroker.Kafka.Shared;
using EventBroker.Loads.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Tests;

// Brokers of Kafka that go and come back, and answers that say no.
public sealed class FaultTests
{
    // Kafka's codes.
    private const int LeaderNotAvailable = 5;
    private const int NotLeader = 6;
    private const int RequestTimedOut = 7;
    private const int CoordinatorLoading = 14;
    private const int CoordinatorNotAvailable = 15;
    private const int NotCoordinator = 16;
    private const int NotEnoughReplicas = 19;
    private const int NotEnoughReplicasAfterAppend = 20;
    private const int IllegalGeneration = 22;
    private const int UnknownMember = 25;
    private const int RebalanceInProgress = 27;
    private const int GroupAuthorizationFailed = 30;
    private const int OutOfOrderSequence = 45;
    private const int InvalidProducerEpoch = 47;
    private const int UnknownProducer = 59;

    [Fact]
    public async Task Under_load_brokers_that_go_down_and_come_back_lose_nothing()
    {
        await using var harness = await Harness.OwnClusterAsync(brokers: 2);
        var (one, other) = (await harness.StartHostAsync(), await harness.StartHostAsync());
        var load = await Load.BeginAsync(one, "a", "b");
        load.Publish(one, 2);
        load.Publish(other, 2);
        _ = load.Consume(one);
        _ = load.Consume(other);
        for (var round = 0; round < 3; round++)
        {
            await load.ComesOnAsync();
            await harness.Cluster.SetDownAsync((round % 2) + 1);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            await harness.Cluster.SetUpAsync((round % 2) + 1);
        }

        await load.ComesOnAsync();
        await load.AllArriveAsync();
        await load.EndWorkersAsync();
        await CheckAsync(load, one);
        Assert.Equal(0, load.Missed);
    }

    [Fact]
    public async Task Rebalances_under_load_lose_nothing_and_bring_back_nothing_settled()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostAsync(static s => s.Partitions = 6);
        var load = await Load.BeginAsync(first, "a", "b");
        load.Publish(first, 2);
        _ = load.Consume(first);
        for (var round = 0; round < 4; round++)
        {
            var second = await harness.StartHostAsync(static s => s.Partitions = 6);
            var working = load.Consume(second);
            await load.ComesOnAsync();
            await second.DisposeAsync();
            await working;
        }

        await load.AllArriveAsync();
        await load.EndWorkersAsync();
        await CheckAsync(load, first);
        Assert.Equal(0, load.Missed);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_whatever_befell_the_producer()
    {
        await using var harness = await Harness.OwnClusterAsync();
        var (load, host) = await BeginAsync(harness, publishers: 8);
        await load.ComesOnAsync();
        foreach (var error in (int[])[OutOfOrderSequence, NotLeader, UnknownProducer, RequestTimedOut, InvalidProducerEpoch, NotEnoughReplicasAfterAppend])
        {
            await harness.Cluster.PushErrorsAsync(MockApiKey.Produce, error);
            await load.ComesOnAsync();
        }

        await load.EndPublishersAsync();
        await load.EndWorkersAsync();
        await CheckAsync(load, host);
    }

    // Those that a producer does not survive have the test above: the mock may lose a message with them.
    [Theory]
    [InlineData(MockApiKey.Produce, NotLeader, LeaderNotAvailable, NotEnoughReplicas, NotEnoughReplicasAfterAppend, RequestTimedOut)]
    [InlineData(MockApiKey.InitProducerId, CoordinatorLoading, NotCoordinator)]
    [InlineData(MockApiKey.Fetch, NotLeader, LeaderNotAvailable, RequestTimedOut)]
    [InlineData(MockApiKey.OffsetCommit, CoordinatorLoading, CoordinatorNotAvailable, NotCoordinator, RebalanceInProgress, IllegalGeneration, UnknownMember)]
    [InlineData(MockApiKey.Heartbeat, RebalanceInProgress, IllegalGeneration, NotCoordinator, UnknownMember)]
    public async Task Errors_of_each_kind_under_load_lose_nothing(MockApiKey api, params int[] errors)
    {
        await using var harness = await Harness.OwnClusterAsync();
        var host = await harness.StartHostAsync(static s => s.Producer["max.in.flight.requests.per.connection"] = "1");
        var load = await Load.BeginAsync(host, "a");
        load.Publish(host, 2);
        _ = load.Consume(host);
        await load.ComesOnAsync(20);
        foreach (var error in errors)
        {
            await harness.Cluster.PushErrorsAsync(api, error);
            await load.ComesOnAsync(20);
        }

        await load.AllArriveAsync();
        await load.EndWorkersAsync();
        await CheckAsync(load, host);
        await Harness.UntilAsync(async () => (await host.CheckHealthAsync(CancellationToken.None)).Status == TransportHealthStatus.Healthy);
    }

    [Theory]
    [InlineData(DeliveryMode.WorkerPool)]
    [InlineData(DeliveryMode.Broadcast)]
    public async Task Whoever_subscribes_while_the_transport_closes_is_refused_or_ended(DeliveryMode mode)
    {
        await using var harness = await Harness.OwnClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        await harness.Cluster.DelayAnswersAsync(TimeSpan.FromMilliseconds(200));
        var opening = Harness.SubscribeAsync(host, new SubscribeOptions { Mode = mode, WorkerGroup = mode == DeliveryMode.WorkerPool ? "g" : "" });

        // In the midst of its questions, of which each takes 200 ms.
        await Task.WhenAny(opening, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System));
        await host.DisposeAsync();
        await harness.Cluster.DelayAnswersAsync(TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<BrokerException>(async () => await (await opening.WaitAsync(Harness.Patience)).TakeOneAsync());
        Assert.Equal((BrokerErrorCode.Unavailable, true), (failure.Code, failure.Message.Contains("closed", StringComparison.Ordinal)));
    }

    // Forgotten by the group while it joins, a host gets another id, and librdkafka says nothing of what others may have had meanwhile.
    [Fact]
    public async Task What_was_held_as_another_member_of_the_group_is_not_settled_and_comes_again()
    {
        await using var harness = await Harness.OwnClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.SessionTimeout = TimeSpan.FromSeconds(3));
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "settled", "held");
        var taken = await worker.TakeAsync(2);
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(taken[0]));
        var told = worker.Probe.NextLoss;
        await harness.Cluster.PushErrorsAsync(MockApiKey.JoinGroup, UnknownMember);
        await harness.Cluster.PushErrorsAsync(MockApiKey.Heartbeat, RebalanceInProgress);
        await told.WaitAsync(Harness.Patience);
        Assert.Equal([SettlementOutcome.LeaseLost], await worker.CompleteAsync(taken[1]));
        var again = await worker.TakeOneAsync();
        Assert.Equal(("held", 1), (TestSubscriber.Text(again), again.RetryCount));
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(again));
        await Harness.UntilAsync(async () => await harness.GetCommittedAsync() == 2);
    }

    // Two commits of the same offset, and a message stands in the way, so that they differ in their notes alone. The first one's answer comes when
    // nobody waits for it any more and the second, which is refused, is under way.
    [Fact]
    public async Task An_answer_that_comes_too_late_settles_nothing_that_was_settled_since()
    {
        await using var harness = await Harness.OwnClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.SessionTimeout = TimeSpan.FromSeconds(30));
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "settled", "held", "one", "other");
        var taken = await worker.TakeAsync(4);
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(taken[0]));
        await harness.Cluster.PushErrorsAsync(MockApiKey.OffsetCommit, [0, .. Enumerable.Repeat(GroupAuthorizationFailed, 500)]);
        await harness.Cluster.DelayAnswersAsync(TimeSpan.FromSeconds(5));
        Assert.Equal([SettlementOutcome.Failed], await worker.CompleteAsync(taken[2]));
        Assert.Equal([SettlementOutcome.Failed], await worker.CompleteAsync(taken[3]));
        await harness.Cluster.DelayAnswersAsync(TimeSpan.Zero);
        await harness.Cluster.ClearErrorsAsync(MockApiKey.OffsetCommit);
        foreach (var delivery in taken.Skip(2))
        {
            await Harness.UntilAsync(async () => (await worker.CompleteAsync(delivery))[0] == SettlementOutcome.Done);
        }
    }

    // Everything that was acknowledged is there; nothing that was settled came again, but for what the mock has twice: a real cluster drops what
    // an idempotent producer sends once more because the answer got lost.
    private static async Task CheckAsync(Load load, KafkaTransport host)
    {
        var (missing, twice) = await load.CompareAsync(host);
        Assert.Empty(missing);
        Assert.DoesNotContain(load.SeenAgain, seen => !twice.Contains(seen[(seen.IndexOf(' ', StringComparison.Ordinal) + 1)..], StringComparer.Ordinal));
    }

    // Each publisher at a host, and so a producer, of its own. A cluster refuses what an idempotent producer has sent behind a request that failed,
    // since numbers are missing there. The mock takes it, of which librdkafka concludes that it has taken the other one before, and reports that as
    // delivered. One request in flight is not enough: the next one has its numbers and goes out with the news that its producer is unknown.
    private static async Task<(Load Load, KafkaTransport Host)> BeginAsync(Harness harness, int publishers)
    {
        var host = await harness.StartHostAsync();
        var load = await Load.BeginAsync(host, "a");
        load.Publish(host, 1);
        for (var i = 1; i < publishers; i++)
        {
            load.Publish(await harness.StartHostAsync(), 1);
        }

        _ = load.Consume(host);
        return (load, host);
    }
}
