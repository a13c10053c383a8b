using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Tests;

// Several hosts over one cluster, which share partitions out.
public sealed class HostsTests
{
    [Fact]
    public async Task Two_hosts_share_six_partitions_and_nothing_is_lost_when_one_comes_and_goes()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostWithEventAsync(partitions: 6);
        var here = await Harness.JoinAsync(first);
        await harness.PublishKeyedAsync(first, Keyed(0, 60));
        var seen = new Seen();
        await seen.TakeAsync(here, 30);

        // The other one gets some of them, and tells of what it got.
        var second = await harness.StartHostAsync();
        var there = await Harness.JoinAsync(second);
        await Harness.UntilAsync(async () =>
        {
            await harness.PublishKeyedAsync(first, Keyed(seen.Published += 60, 60));
            await seen.DrainAsync(here);
            return await seen.DrainAsync(there) > 0;
        });
        await second.DisposeAsync();
        await harness.PublishKeyedAsync(first, Keyed(seen.Published += 60, 60));
        await Harness.UntilAsync(async () =>
        {
            await seen.DrainAsync(here);
            return seen.Count == seen.Published + 60;
        });
        Assert.Empty(seen.SettledTwice);
    }

    [Fact]
    public async Task What_goes_to_another_host_is_told_as_lost_and_counted()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostWithEventAsync(partitions: 2);
        var here = await Harness.JoinAsync(first);
        await harness.PublishKeyedAsync(first, Keyed(0, 21));
        var taken = await here.TakeAsync(21);

        // What settles one of them notes that the others were handed over.
        Assert.Equal([SettlementOutcome.Done], await here.CompleteAsync(taken[0]));
        var held = taken.Skip(1).ToList();
        var told = here.Probe.NextLoss;
        var second = await harness.StartHostAsync();
        var there = await Harness.JoinAsync(second);
        await told.WaitAsync(Harness.Patience);

        // One of both partitions goes, with everything that was held of it; on a machine that holds this host up for longer than its session, both.
        var lost = Texts(here.Probe.Lost);
        Assert.NotEmpty(lost);
        var outcomes = (await here.CompleteAsync(held)).Zip(held, static (outcome, d) => (outcome, Text: TestSubscriber.Text(d))).ToList();
        var gone = outcomes.Where(static o => o.outcome == SettlementOutcome.LeaseLost).Select(static o => o.Text).ToHashSet(StringComparer.Ordinal);
        Assert.Subset(gone, lost);
        Assert.All(outcomes, o => Assert.Equal(gone.Contains(o.Text) ? SettlementOutcome.LeaseLost : SettlementOutcome.Done, o.outcome));
        Assert.Equal(gone, Texts(here.Probe.Lost));

        // It comes to whoever has the partition now, and nothing else does.
        var again = new List<Delivery>();
        await Harness.UntilAsync(() =>
        {
            again.AddRange(here.ReadOnce());
            again.AddRange(there.ReadOnce());
            return Task.FromResult(Texts(again).Count == gone.Count);
        });
        Assert.Equal(gone, Texts(again));
        Assert.All(again, static d => Assert.InRange(d.RetryCount, 1, int.MaxValue));
    }

    [Fact]
    public async Task A_group_that_two_hosts_make_at_once_begins_in_one_place()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostWithEventAsync(partitions: 2);
        var second = await harness.StartHostAsync();
        await harness.PublishKeyedAsync(first, Keyed(0, 10));
        var members = await Task.WhenAll(Harness.JoinAsync(first), Harness.JoinAsync(second));
        await harness.PublishKeyedAsync(first, Keyed(10, 10));
        var seen = new Seen();
        await Harness.UntilAsync(async () =>
        {
            foreach (var member in members)
            {
                await seen.DrainAsync(member);
            }

            return seen.Count == 10;
        });
    }

    [Fact]
    public async Task A_group_with_members_at_another_host_is_not_moved_from_here()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostWithEventAsync();
        var second = await harness.StartHostAsync();
        await harness.PublishAsync(first, "a");
        var member = await Harness.JoinAsync(first, start: StartPosition.Beginning);
        var request = new SeekRequest { Kind = PlaceKind.WorkerGroup, Name = "g", Position = StartPosition.Beginning };
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => second.SeekAsync("e", request, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.FailedPrecondition, refusal.Code);
        Assert.Equal("a", await member.CompleteNextAsync());
        await first.SeekAsync("e", request, CancellationToken.None);
        Assert.Equal("a", await member.CompleteNextAsync());
    }

    [Fact]
    public async Task A_consumer_id_is_moved_from_any_host()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var first = await harness.StartHostWithEventAsync();
        var second = await harness.StartHostAsync();
        var holder = await Harness.SubscribeAsync(first, new SubscribeOptions { ConsumerId = "c" });
        await harness.PublishAsync(first, "a");
        Assert.Equal("a", await holder.CompleteNextAsync());
        await second.SeekAsync(
            "e", new SeekRequest { Kind = PlaceKind.ConsumerId, Name = "c", Position = StartPosition.Beginning }, CancellationToken.None);
        Assert.Equal("a", await holder.CompleteNextAsync());
    }

    private static HashSet<string> Texts(IEnumerable<Delivery> deliveries) =>
        deliveries.Select(TestSubscriber.Text).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Keyed(int from, int count) =>
        Enumerable.Range(from, count).Select(static n => string.Create(CultureInfo.InvariantCulture, $"{n}:{n}"));

    private sealed class Seen
    {
        private readonly HashSet<string> _settled = new(StringComparer.Ordinal);

        public int Published { get; set; }

        public List<string> SettledTwice { get; } = [];

        public int Count => _settled.Count;

        public async Task TakeAsync(TestSubscriber subscriber, int count) => await SettleAsync(subscriber, await subscriber.TakeAsync(count));

        public async Task<int> DrainAsync(TestSubscriber subscriber)
        {
            var read = subscriber.ReadOnce();
            await SettleAsync(subscriber, read);
            return read.Count;
        }

        private async Task SettleAsync(TestSubscriber subscriber, IReadOnlyList<Delivery> read)
        {
            var outcomes = await subscriber.CompleteAsync(read);
            foreach (var (delivery, outcome) in read.Zip(outcomes))
            {
                if (outcome == SettlementOutcome.Done && !_settled.Add(TestSubscriber.Text(delivery)))
                {
                    SettledTwice.Add(TestSubscriber.Text(delivery));
                }
            }
        }
    }
}
