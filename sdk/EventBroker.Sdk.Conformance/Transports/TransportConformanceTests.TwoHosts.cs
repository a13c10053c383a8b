using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Two transports over one backend, as two hosts have them.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Broadcast, Backend = true)]
    public async Task What_one_host_publishes_the_other_delivers()
    {
        var second = await CreateSecondAsync();
        var here = await SubscribeAsync();
        var there = await SubscribeAsync(over: second);
        await PublishAsync("a");
        await second.PublishAsync(Event, new TransportMessage(Message("b")), CancellationToken.None);
        Assert.Equal(["a", "b"], (await here.TakeTextAsync(2)).Order());
        Assert.Equal(["a", "b"], (await there.TakeTextAsync(2)).Order());
    }

    [TransportFact(TransportCapability.WorkerGroups, Backend = true)]
    public async Task The_members_of_a_group_share_the_messages_across_hosts()
    {
        var second = await CreateSecondAsync();
        TestSubscriber[] members = [await OpenAsync(PlaceKind.WorkerGroup), await OpenAsync(PlaceKind.WorkerGroup, over: second)];
        await PublishAsync(Numbers(0, 100));
        var seen = new List<string>();
        while (seen.Count < 100)
        {
            var before = seen.Count;
            foreach (var member in members)
            {
                var read = member.ReadOnce(7);
                await member.CompleteAsync(read);
                seen.AddRange(read.Select(TestSubscriber.Text));
            }

            if (seen.Count == before)
            {
                await Task.WhenAny(members.Select(static m => m.Demand(7))).WaitAsync(Fixture.Patience);
            }
        }

        Assert.Equal(Numbers(0, 100), seen.OrderBy(int.Parse));
    }

    [TransportFact(TransportCapability.WorkerGroups, Backend = true)]
    public async Task What_a_host_that_ends_had_not_settled_goes_to_the_other()
    {
        var second = await CreateSecondAsync();
        var there = await OpenAsync(PlaceKind.WorkerGroup, over: second);
        await PublishAsync("a", "b");
        await there.CompleteAsync((await there.TakeAsync(2))[0]);
        var here = await OpenAsync(PlaceKind.WorkerGroup);
        await second.DisposeAsync();
        var again = await here.TakeOneAsync();
        Assert.Equal(("b", 1), (TestSubscriber.Text(again), again.RetryCount));
        await here.CompleteAsync(again);
        await GetsNothingButTheNextAsync(here);
    }

    [TransportFact(TransportCapability.ConsumerResume, Backend = true)]
    public async Task A_consumer_id_goes_on_at_another_host()
    {
        var second = await CreateSecondAsync();
        await using (var here = await OpenAsync(PlaceKind.ConsumerId))
        {
            await PublishAsync("a", "b");
            Assert.Equal("a", await here.CompleteNextAsync());
        }

        var there = await OpenAsync(PlaceKind.ConsumerId, over: second);
        Assert.Equal(ResumeOutcome.Exact, there.Subscription.Resume);
        Assert.Equal(["b"], await there.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.ConsumerResume, Backend = true)]
    public async Task A_consumer_id_is_taken_over_by_another_host()
    {
        var second = await CreateSecondAsync();
        var here = await OpenAsync(PlaceKind.ConsumerId);
        await PublishAsync("a");
        Assert.Equal("a", await here.CompleteNextAsync());
        var ended = here.DemandWhenEmpty();
        var there = await OpenAsync(PlaceKind.ConsumerId, over: second);
        await ended.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => here.ReadOnce()).Code);
        await GetsNothingButTheNextAsync(there);
    }

    [TransportFact(Backend = true)]
    public async Task An_event_is_registered_by_one_of_two_hosts_and_known_to_both()
    {
        var second = await CreateSecondAsync();
        var name = Fixture.NewEventName();
        var results = await Task.WhenAll(new[] { Transport, second }.Select(async t =>
        {
            try
            {
                await t.RegisterAsync(name, EventOptions.None, CancellationToken.None);
                return (BrokerErrorCode?)null;
            }
            catch (BrokerException refusal)
            {
                return refusal.Code;
            }
        }));
        Assert.Equal([null, BrokerErrorCode.AlreadyExists], results.Order());
        await second.UnregisterAsync(name, CancellationToken.None);
        await FailsAsync(BrokerErrorCode.NotFound, () => Transport.UnregisterAsync(name, CancellationToken.None).AsTask());
    }

    [TransportFact(Backend = true)]
    public async Task Unregistering_at_one_host_ends_the_subscriptions_of_the_other()
    {
        var second = await CreateSecondAsync();
        var there = await SubscribeAsync(over: second);
        var ended = there.DemandWhenEmpty();
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await ended.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => there.ReadOnce()).Code);
    }

    [TransportFact(TransportCapability.WorkerGroups, Backend = true)]
    public async Task The_options_of_a_group_hold_at_every_host()
    {
        var second = await CreateSecondAsync();
        await SubscribeAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", LatestOnly = true });
        var failure = await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SubscribeAsync(Workers("g"), second));
        Assert.Contains("latest_only", failure.Message, StringComparison.Ordinal);
    }
}
