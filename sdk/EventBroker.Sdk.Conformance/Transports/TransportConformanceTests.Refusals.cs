using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// The broker asks the declaration before it calls; these see to it that a transport does not rely on that.
public abstract partial class TransportConformanceTests<TFixture>
{
    [Fact]
    public Task A_broadcast_subscription_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.Broadcast, "delivery_mode", new SubscribeOptions());

    [Fact]
    public Task A_worker_group_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.WorkerGroups, "delivery_mode", Workers());

    [Fact]
    public Task The_beginning_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.ReplayFromBeginning, "start_from", new SubscribeOptions { Mode = AnyMode, Start = StartPosition.Beginning });

    [Fact]
    public Task A_start_time_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.ReplayFromTimestamp,
        "start_from",
        new SubscribeOptions { Mode = AnyMode, Start = StartPosition.Timestamp, StartTime = Fixture.Clock.GetUtcNow() });

    [Fact]
    public Task A_cursor_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.ReplayFromCursor, "resume_after", new SubscribeOptions { ResumeAfter = "x" });

    [Fact]
    public Task A_consumer_id_is_refused_where_it_is_not_declared() => RefusesAsync(
        TransportCapability.ConsumerResume, "consumer_id", Consumer());

    private DeliveryMode AnyMode =>
        Transport.Capabilities.Has(TransportCapability.Broadcast) ? DeliveryMode.Broadcast : DeliveryMode.WorkerPool;

    private async Task RefusesAsync(TransportCapability capability, string option, SubscribeOptions options)
    {
        Assert.SkipWhen(Transport.Capabilities.Has(capability), $"declared: {capability}");
        Assert.SkipWhen(
            options.Mode == DeliveryMode.Broadcast && capability != TransportCapability.Broadcast && AnyMode != DeliveryMode.Broadcast,
            "not declared: Broadcast, which it belongs to");
        var failure = await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SubscribeAsync(options));
        Assert.Contains(option, failure.Message, StringComparison.Ordinal);
    }
}
