using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [Fact]
    public async Task The_members_of_a_group_share_the_messages()
    {
        if (!await CanAsync(TransportCapability.WorkerGroups, Workers()))
        {
            return;
        }

        var first = await JoinAsync();
        var second = await JoinAsync();
        await PublishAsync(Numbers(0, 200));
        var seen = new List<string>();
        while (seen.Count < 200)
        {
            var next = Task.WhenAny(first.Ready.Next, second.Ready.Next);
            List<Delivery> read = [.. first.ReadOnce(7), .. second.ReadOnce(7)];
            if (read.Count == 0)
            {
                await next.WaitAsync(Fixture.Patience);
            }

            seen.AddRange(read.Select(TestSubscriber.Text));
        }

        Assert.Equal(Numbers(0, 200), seen.OrderBy(int.Parse));
    }

    [Fact]
    public async Task Each_group_gets_every_message_once_and_so_does_a_broadcast_subscription()
    {
        if (!await CanAsync(TransportCapability.WorkerGroups, Workers()))
        {
            return;
        }

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

    [Fact]
    public async Task A_group_keeps_its_place_while_it_has_no_members()
    {
        if (!await CanAsync(TransportCapability.WorkerGroups, Workers())
            || Transport.Capabilities[TransportCapability.ReplayFromBeginning] == CapabilitySupport.Unsupported)
        {
            return;
        }

        await using (var first = await JoinAsync("g"))
        {
            await PublishAsync("a");
            Assert.Equal("a", await first.CompleteNextAsync());
        }

        await PublishAsync("b");
        var again = await JoinAsync("g", StartPosition.Beginning);
        Assert.Equal(["b"], await again.TakeTextAsync(1));
    }

    [Fact]
    public async Task A_new_group_begins_where_its_first_member_says()
    {
        if (!await CanAsync(TransportCapability.WorkerGroups, Workers())
            || Transport.Capabilities[TransportCapability.ReplayFromBeginning] == CapabilitySupport.Unsupported)
        {
            return;
        }

        await PublishAsync("a");
        var all = await JoinAsync("all", StartPosition.Beginning);
        var rest = await JoinAsync("rest");
        await PublishAsync("b");
        Assert.Equal(["a", "b"], await all.TakeTextAsync(2));
        Assert.Equal(["b"], await rest.TakeTextAsync(1));
    }

    [Fact]
    public async Task Members_want_to_know_of_completions_and_have_no_cursor()
    {
        if (!await CanAsync(TransportCapability.WorkerGroups, Workers()))
        {
            return;
        }

        var member = await JoinAsync();
        await PublishAsync("a");
        var delivery = (await member.TakeAsync(1))[0];
        Assert.True(member.Subscription.TracksCompletion);
        Assert.Equal(ResumeOutcome.NotAsked, member.Subscription.Resume);
        Assert.Equal("", member.Cursor(delivery));
    }

    [Fact]
    public async Task What_a_member_gives_back_comes_again_with_retry_count_one()
    {
        if (!await CanRedeliverAsync())
        {
            return;
        }

        var member = await JoinAsync();
        await PublishAsync("a", "b");
        var taken = await member.TakeAsync(2);
        member.Subscription.Release(taken[0], TimeSpan.Zero);
        member.Subscription.Complete(taken[1]);
        await member.Subscription.FlushAsync(CancellationToken.None);
        var again = (await member.TakeAsync(1))[0];
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
        Assert.True(Fixture.StandsBeforeABroker || taken[0].Position == again.Position);
        member.Subscription.Release(again, TimeSpan.Zero);
        await member.Subscription.FlushAsync(CancellationToken.None);
        Assert.Equal(2, (await member.TakeAsync(1))[0].RetryCount);
    }

    [Fact]
    public async Task What_a_closed_member_had_not_settled_goes_to_the_others_with_retry_count_one()
    {
        if (!await CanRedeliverAsync())
        {
            return;
        }

        var leaves = await JoinAsync();
        await PublishAsync("a", "b", "c");
        var taken = await leaves.TakeAsync(3);
        leaves.Subscription.Complete(taken[1]);
        await leaves.Subscription.FlushAsync(CancellationToken.None);
        var stays = await JoinAsync();
        Assert.Empty(stays.ReadOnce());
        var next = stays.Ready.Next;
        await leaves.DisposeAsync();
        await next.WaitAsync(Fixture.Patience);
        var again = await stays.TakeAsync(2);
        Assert.Equal(["a", "c"], again.Select(TestSubscriber.Text).Order());
        Assert.All(again, static d => Assert.Equal(1, d.RetryCount));
    }

    [Fact]
    public async Task What_the_last_member_had_not_settled_waits_for_the_next()
    {
        if (!await CanRedeliverAsync() || Transport.Capabilities.Guarantee == DeliveryGuarantee.AtMostOnce)
        {
            return;
        }

        var first = await JoinAsync();
        await PublishAsync("a");
        await first.TakeAsync(1);
        await first.DisposeAsync();
        var second = await JoinAsync();
        var again = (await second.TakeAsync(1))[0];
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
    }

    [Fact]
    public async Task Settling_twice_or_after_the_end_does_no_harm()
    {
        if (!await CanRedeliverAsync())
        {
            return;
        }

        var member = await JoinAsync();
        await PublishAsync("a", "b");
        var taken = await member.TakeAsync(2);
        member.Subscription.Complete(taken[0]);
        member.Subscription.Complete(taken[0]);
        member.Subscription.Release(taken[0], TimeSpan.Zero);
        await member.Subscription.FlushAsync(CancellationToken.None);
        await member.DisposeAsync();
        member.Subscription.Complete(taken[1]);
        member.Subscription.Release(taken[1], TimeSpan.Zero);

        var next = await JoinAsync();
        Assert.Equal(["b"], await next.TakeTextAsync(1));
        await PublishAsync("c");
        Assert.Equal(["c"], await next.TakeTextAsync(1));
    }

    [Fact]
    public async Task A_delivery_given_back_with_a_delay_comes_after_it()
    {
        if (!await CanRedeliverAsync()
            || Transport.Capabilities[TransportCapability.RedeliveryDelay] != CapabilitySupport.Native)
        {
            return;
        }

        var member = await JoinAsync();
        await PublishAsync("a");
        var taken = (await member.TakeAsync(1))[0];
        member.Subscription.Release(taken, TimeSpan.FromSeconds(1));
        await member.Subscription.FlushAsync(CancellationToken.None);
        await PublishAsync("b");
        Assert.Equal(["b"], await member.TakeTextAsync(1));
        Assert.Empty(member.ReadOnce());
        var next = member.Ready.Next;
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(1.1));
        await next.WaitAsync(Fixture.Patience);
        var again = (await member.TakeAsync(1))[0];
        Assert.Equal("a", TestSubscriber.Text(again));
        Assert.Equal(1, again.RetryCount);
    }

    private async Task<bool> CanRedeliverAsync() =>
        await CanAsync(TransportCapability.WorkerGroups, Workers())
        && Transport.Capabilities[TransportCapability.Redelivery] == CapabilitySupport.Native;
}
