using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Whatever a description tells must be right; what a transport can't tell it leaves out.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.EventDescription, Undeclared = true)]
    public async Task Describing_an_event_is_refused_where_it_is_not_declared()
    {
        await FailsAsync(BrokerErrorCode.FailedPrecondition, DescribeAsync);
    }

    [TransportFact(TransportCapability.EventDescription)]
    public async Task A_description_tells_how_many_messages_are_kept()
    {
        var empty = await DescribeAsync();
        Assert.True(empty.Messages is null or 0);
        Assert.Empty(empty.Groups);
        await PublishToNobodyAsync("a", "b", "c");
        var description = await DescribeAsync();
        Assert.True(description.Messages is null or 3);
        Assert.True(description.Bytes is null or > 3);
        await FailsAsync(
            BrokerErrorCode.NotFound, () => Transport.DescribeAsync(Fixture.NewEventName(), CancellationToken.None).AsTask());
    }

    [TransportTheory(TransportCapability.EventDescription)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_description_tells_what_a_place_has_before_it_and_unsettled(PlaceKind kind)
    {
        await using (var subscriber = await OpenAsync(kind))
        {
            await PublishAsync(Numbers(0, 10));
            var taken = await subscriber.TakeAsync(4);
            await subscriber.CompleteAsync(taken[0]);
            var place = await PlaceAsync();
            Assert.True(place.Members is null or 1);
            Assert.True(place.Lag is null or 6);
            Assert.True(place.Unsettled is null or 3);
        }

        Assert.True((await PlaceAsync()).Members is null or 0);

        async Task<GroupDescription> PlaceAsync() =>
            Assert.Single((await DescribeAsync()).Groups, g => g.Kind == kind && g.Name == "p");
    }

    [TransportTheory(TransportCapability.EventDescription, TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task What_waits_for_its_redelivery_counts_as_unsettled(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b");
        await subscriber.ReleaseAsync((await subscriber.TakeAsync(2))[0], TimeSpan.FromHours(1));
        Assert.True(Assert.Single((await DescribeAsync()).Groups).Unsettled is null or 2);
    }

    private Task<EventDescription> DescribeAsync() => Transport.DescribeAsync(Event, CancellationToken.None).AsTask();
}
