using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.EventListing)]
    public async Task A_registered_event_is_listed_until_it_is_unregistered()
    {
        Assert.Contains(Event, await Transport.ListAsync(CancellationToken.None));
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        Assert.DoesNotContain(Event, await Transport.ListAsync(CancellationToken.None));
    }

    [TransportFact]
    public Task Registering_an_event_twice_is_refused() => FailsAsync(
        BrokerErrorCode.AlreadyExists, () => Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None).AsTask());

    [TransportFact]
    public async Task An_event_that_is_not_registered_takes_no_calls()
    {
        var name = Fixture.NewEventName();
        var none = CancellationToken.None;
        var batch = new PublishBatch();
        batch.Add(new TransportMessage(Message("a")));
        await FailsAsync(BrokerErrorCode.NotFound, () => Transport.UnregisterAsync(name, none).AsTask());
        await FailsAsync(BrokerErrorCode.NotFound, () => Transport.PublishAsync(name, new TransportMessage(Message("a")), none).AsTask());
        await FailsAsync(BrokerErrorCode.NotFound, () => Transport.PublishAsync(name, batch, none).AsTask());
        await FailsAsync(
            BrokerErrorCode.NotFound,
            () => Transport.SubscribeAsync(name, new SubscribeOptions(), new SubscriberProbe(), none).AsTask());
    }

    [TransportFact]
    public async Task An_event_registered_anew_begins_empty()
    {
        await PublishToNobodyAsync("old");
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        var start = Transport.Capabilities.Has(TransportCapability.ReplayFromBeginning) ? StartPosition.Beginning : StartPosition.Unspecified;
        var subscriber = await SubscribeAsync(new SubscribeOptions { Mode = AnyMode, Start = start });
        await PublishAsync("new");
        Assert.Equal(["new"], await subscriber.TakeTextAsync(1));
    }

    [TransportFact]
    public async Task Unregistering_ends_subscriptions_with_aborted_and_signals_them()
    {
        var broadcast = await SubscribeAsync();
        var next = broadcast.DemandWhenEmpty();
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await next.WaitAsync(Fixture.Patience);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => broadcast.ReadOnce()).Code);
        }
    }

    /// <summary>The end is signalled also to who has not read up to the end, and a read without room tells it.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task A_subscriber_without_room_learns_of_the_end()
    {
        var subscriber = await SubscribeAsync();
        await PublishAsync("a", "b");
        Assert.Single(await subscriber.TakeAsync(1));
        Assert.Empty(subscriber.ReadOnce(0));
        var next = subscriber.Probe.Next;
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Aborted, Assert.Throws<BrokerException>(() => subscriber.ReadOnce(0)).Code);
    }

    [TransportFact]
    public async Task A_transport_that_works_says_that_it_is_healthy()
    {
        var health = await Transport.CheckHealthAsync(CancellationToken.None);
        Assert.Equal(TransportHealthStatus.Healthy, health.Status);
        Assert.DoesNotContain(null, health.Details.Values);
    }

    [TransportFact]
    public void Capabilities_do_not_change_name_a_way_to_deliver_and_keep_their_bounds()
    {
        var capabilities = Transport.Capabilities;
        Assert.Same(capabilities, Transport.Capabilities);
        Assert.True(capabilities.Has(TransportCapability.Broadcast) || capabilities.Has(TransportCapability.WorkerGroups));
        Assert.Equal(Enum.GetValues<TransportCapability>().Where(capabilities.Has), capabilities.Declared);

        // Some are nothing without others.
        Assert.True(!capabilities.Has(TransportCapability.RedeliveryDelay) || capabilities.Has(TransportCapability.Redelivery));
        Assert.True(!capabilities.Has(TransportCapability.ConsumerResume) || capabilities.Has(TransportCapability.Broadcast));
        Assert.True(!capabilities.Has(TransportCapability.ReplayFromCursor) || capabilities.Has(TransportCapability.Broadcast));
        Assert.True(capabilities.MaxMessageBytes is null or > 0);
        Assert.True(capabilities.RenewalInterval is null || capabilities.RenewalInterval > TimeSpan.Zero);
        Assert.InRange(capabilities.MaxCursorLength, 1, ResumeCursor.MaxLength);
        Assert.InRange(capabilities.MaxUnsettledSpan, 1, int.MaxValue);
    }
}
