using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast)]
    public async Task From_the_beginning_means_everything_retained()
    {
        var options = new SubscribeOptions { Start = StartPosition.Beginning };

        await PublishAsync("a", "b");
        var subscriber = await SubscribeAsync(options);
        await PublishAsync("c");
        var taken = await subscriber.TakeAsync(3);
        Assert.Equal(["a", "b", "c"], taken.Select(TestSubscriber.Text));
        Assert.All(taken, static d => Assert.Equal(0, d.Missed));
    }

    [TransportFact]
    public async Task Without_a_start_position_a_subscription_begins_at_the_end()
    {
        await PublishToNobodyAsync("before");
        var subscriber = await SubscribeAsync();
        Assert.Equal(ResumeOutcome.NotAsked, subscriber.Subscription.Resume);
        await PublishAsync("after");
        Assert.Equal(["after"], await subscriber.TakeTextAsync(1));
    }

    [TransportFact(TransportCapability.ReplayFromTimestamp, TransportCapability.Broadcast)]
    public async Task From_a_time_means_the_first_message_accepted_at_or_after_it()
    {
        await PublishAsync("a", "b");
        await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(50));
        var middle = Fixture.Clock.GetUtcNow();
        await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(50));
        await PublishAsync("c", "d");
        var subscriber = await SubscribeAsync(From(middle));
        Assert.Equal(["c", "d"], await subscriber.TakeTextAsync(2));
    }

    [TransportFact(TransportCapability.ReplayFromTimestamp, TransportCapability.Broadcast)]
    public async Task From_a_time_before_the_oldest_message_means_the_beginning()
    {
        var options = From(Fixture.Clock.GetUtcNow() - TimeSpan.FromDays(1));

        await PublishAsync("a", "b");
        var taken = await (await SubscribeAsync(options)).TakeAsync(2);
        Assert.Equal(["a", "b"], taken.Select(TestSubscriber.Text));
        Assert.All(taken, static d => Assert.Equal(0, d.Missed));
    }

    [TransportFact(TransportCapability.ReplayFromTimestamp, TransportCapability.Broadcast)]
    public async Task From_a_time_to_come_means_the_end()
    {
        var options = From(Fixture.Clock.GetUtcNow() + TimeSpan.FromDays(1));

        await PublishAsync("before");
        var subscriber = await SubscribeAsync(options);
        await PublishAsync("after");
        Assert.Equal(["after"], await subscriber.TakeTextAsync(1));
    }
}
