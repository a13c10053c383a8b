using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// What is too old or overtaken. The broker leaves it out; a transport that declares that it does so passes over it before.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.MaxAge, TransportCapability.Broadcast)]
    public async Task What_is_older_than_the_maximum_age_is_left_out_and_not_missed()
    {
        var options = new SubscribeOptions { MaxAge = TimeSpan.FromSeconds(1) };

        var subscriber = await SubscribeAsync(options);
        await PublishAsync("old");
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(1.5));
        await PublishAsync("young");
        var taken = await subscriber.TakeAsync(1);
        Assert.Equal("young", TestSubscriber.Text(taken[0]));
        Assert.Equal(0, taken[0].Missed);
    }

    [TransportFact(TransportCapability.LatestOnly, TransportCapability.Broadcast)]
    public async Task With_latest_only_a_slow_subscriber_gets_the_newest_and_nothing_else()
    {
        var options = new SubscribeOptions { LatestOnly = true };

        var subscriber = await SubscribeAsync(options);
        var witness = await SubscribeAsync();
        await PublishAsync(Numbers(0, 50));

        // By then a transport that reads from afar has got them all.
        await witness.TakeAsync(50);
        var taken = await subscriber.TakeAsync(1);
        while (Fixture.StandsBeforeABroker && TestSubscriber.Text(taken[0]) != "49")
        {
            taken = await subscriber.TakeAsync(1);
        }

        Assert.Equal("49", TestSubscriber.Text(taken[0]));
        Assert.Equal(0, taken[0].Missed);
        await PublishAsync("next");
        Assert.Equal(["next"], await subscriber.TakeTextAsync(1));
    }

    [TransportTheory(Undeclared = true)]
    [InlineData(TransportCapability.MaxAge)]
    [InlineData(TransportCapability.LatestOnly)]
    public async Task What_the_transport_does_not_declare_is_left_to_the_broker_and_not_refused(TransportCapability capability)
    {
        var subscriber = await SubscribeAsync(Skipping(capability, AnyMode));
        await PublishAsync("a", "b");
        Assert.Equal(["a", "b"], (await subscriber.TakeTextAsync(2)).Order());
    }

    [TransportTheory(TransportCapability.WorkerGroups)]
    [InlineData(TransportCapability.MaxAge)]
    [InlineData(TransportCapability.LatestOnly)]
    public async Task What_a_group_passes_over_is_done_with_for_all_its_members(TransportCapability capability)
    {
        var options = Skipping(capability, DeliveryMode.WorkerPool);
        var first = await SubscribeAsync(options);
        await PublishAsync("old");
        await Fixture.PassTimeAsync(TimeSpan.FromSeconds(1.5));
        await PublishAsync("young");
        var text = await first.CompleteNextAsync();
        Assert.Equal("young", Fixture.StandsBeforeABroker && text == "old" ? await first.CompleteNextAsync() : text);
        var second = await SubscribeAsync(options);
        await first.DisposeAsync();
        await GetsNothingButTheNextAsync(second);
    }

    private static SubscribeOptions Skipping(TransportCapability capability, DeliveryMode mode) => new()
    {
        Mode = mode,
        MaxAge = capability == TransportCapability.MaxAge ? TimeSpan.FromSeconds(1) : null,
        LatestOnly = capability == TransportCapability.LatestOnly,
    };
}
