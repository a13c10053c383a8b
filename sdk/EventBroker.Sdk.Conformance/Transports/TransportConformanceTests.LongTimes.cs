using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// Beyond what a timer of the system (49 days) and a number of 32 bits in milliseconds (24 days) can express.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportTheory(TransportCapability.RedeliveryDelay)]
    [InlineData(PlaceKind.WorkerGroup, 25)]
    [InlineData(PlaceKind.WorkerGroup, 50)]
    [InlineData(PlaceKind.WorkerGroup, 400)]
    [InlineData(PlaceKind.ConsumerId, 50)]
    public async Task A_delay_of_many_days_is_met(PlaceKind kind, int days)
    {
        NeedsToPass(TimeSpan.FromDays(days + 1));

        await RegisterAnewAsync(new EventOptions { Retention = TimeSpan.FromDays(3_000) });
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a");
        var taken = await subscriber.TakeOneAsync();
        Assert.Equal(SettlementOutcome.Done, await subscriber.ReleaseAsync(taken, TimeSpan.FromDays(days)));
        var next = subscriber.DemandWhenEmpty();
        await Fixture.PassTimeAsync(TimeSpan.FromDays(days) - TimeSpan.FromHours(1));
        Assert.Empty(subscriber.ReadOnce());
        next = subscriber.Demand();
        await Fixture.PassTimeAsync(TimeSpan.FromHours(2));
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
    }

    [TransportTheory(TransportCapability.ReplayFromBeginning, TransportCapability.Broadcast, Options = [EventOption.Retention])]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(400)]
    public async Task A_retention_of_many_days_is_met(int days)
    {
        NeedsToPass(TimeSpan.FromDays(days + 1));

        await RegisterAnewAsync(new EventOptions { Retention = TimeSpan.FromDays(days) });
        await PublishAsync("old");
        await Fixture.PassTimeAsync(TimeSpan.FromDays(days) - TimeSpan.FromHours(1));
        await PublishAsync("young");
        Assert.Equal(["old", "young"], await AllAsync(2));
        await Fixture.PassTimeAsync(TimeSpan.FromHours(2));
        await PublishAsync("new");
        Assert.Equal(["young", "new"], await AllAsync(2));

        async Task<string[]> AllAsync(int count) =>
            await (await SubscribeAsync(new SubscribeOptions { Start = StartPosition.Beginning })).TakeTextAsync(count);
    }

    /// <summary>Registers the test's event anew, with those of the options that the transport knows.</summary>
    private async Task RegisterAnewAsync(EventOptions options)
    {
        var known = Transport.Capabilities.EventOptions;
        await Transport.UnregisterAsync(Event, CancellationToken.None);
        await Transport.RegisterAsync(
            Event,
            new EventOptions
            {
                Retention = known.Contains(EventOption.Retention) ? options.Retention : null,
                MaxBytes = known.Contains(EventOption.MaxBytes) ? options.MaxBytes : null,
                MaxMessages = known.Contains(EventOption.MaxMessages) ? options.MaxMessages : null,
                MaxMessageBytes = known.Contains(EventOption.MaxMessageBytes) ? options.MaxMessageBytes : null,
                DeduplicationWindow = known.Contains(EventOption.DeduplicationWindow) ? options.DeduplicationWindow : null,
                Partitions = known.Contains(EventOption.Partitions) ? options.Partitions : null,
                Replicas = known.Contains(EventOption.Replicas) ? options.Replicas : null,
            },
            CancellationToken.None);
    }
}
