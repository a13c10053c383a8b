using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task The_members_of_a_group_share_the_messages()
    {
        var first = await JoinAsync();
        var second = await JoinAsync();
        await PublishAsync(Numbers(0, 200));
        var seen = new List<string>();
        while (seen.Count < 200)
        {
            List<Delivery> read = [.. first.ReadOnce(7), .. second.ReadOnce(7)];
            if (read.Count == 0)
            {
                await Task.WhenAny(first.Demand(7), second.Demand(7)).WaitAsync(Fixture.Patience);
            }

            seen.AddRange(read.Select(TestSubscriber.Text));
        }

        Assert.Equal(Numbers(0, 200), seen.OrderBy(int.Parse));
    }

    [TransportFact(TransportCapability.WorkerGroups, TransportCapability.Broadcast)]
    public async Task Each_group_gets_every_message_once_and_so_does_a_broadcast_subscription()
    {
        var unnamed = await JoinAsync();
        var billing = await JoinAsync("billing");
        var mailing = await JoinAsync("mailing");
        var everybody = await SubscribeAsync();
        await PublishAsync(Numbers(0, 20));
        foreach (var subscriber in new[] { unnamed, billing, mailing, everybody })
        {
            Assert.Equal(Numbers(0, 20), InOrder(await subscriber.TakeTextAsync(20)));
        }
    }

    [TransportFact(TransportCapability.WorkerGroups, TransportCapability.ReplayFromBeginning)]
    public async Task A_group_keeps_its_place_while_it_has_no_members()
    {
        await using (var first = await JoinAsync("g"))
        {
            await PublishAsync("a");
            Assert.Equal("a", await first.CompleteNextAsync());
        }

        await PublishAsync("b");
        var again = await JoinAsync("g", StartPosition.Beginning);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.WorkerGroups, TransportCapability.ReplayFromBeginning)]
    public async Task A_new_group_begins_where_its_first_member_says()
    {
        await PublishAsync("a");
        var all = await JoinAsync("all", StartPosition.Beginning);
        var rest = await JoinAsync("rest");
        await PublishAsync("b");
        Assert.Equal(["a", "b"], await all.TakeTextAsync(2));
        Assert.Equal(["b"], await rest.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task Members_settle_and_have_no_cursor()
    {
        var member = await JoinAsync();
        await PublishAsync("a");
        var delivery = (await member.TakeAsync(1))[0];
        Assert.True(member.Subscription.TracksSettlement);
        Assert.Equal(ResumeOutcome.NotAsked, member.Subscription.Resume);
        Assert.Equal("", TestSubscriber.Cursor(delivery));
        Assert.Equal("", member.StartCursor);
    }
}
