using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// The broker asks the declaration before it calls; these see to it that a transport does not rely on that.
public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.Broadcast, Undeclared = true)]
    public Task A_broadcast_subscription_is_refused_where_it_is_not_declared() => RefusesAsync("delivery_mode", new SubscribeOptions());

    [TransportFact(TransportCapability.WorkerGroups, Undeclared = true)]
    public Task A_worker_group_is_refused_where_it_is_not_declared() => RefusesAsync("delivery_mode", Workers());

    [TransportFact(TransportCapability.ReplayFromBeginning, Undeclared = true)]
    public Task The_beginning_is_refused_where_it_is_not_declared() => RefusesAsync(
        "start_from", new SubscribeOptions { Mode = AnyMode, Start = StartPosition.Beginning });

    [TransportFact(TransportCapability.ReplayFromTimestamp, Undeclared = true)]
    public Task A_start_time_is_refused_where_it_is_not_declared() => RefusesAsync(
        "start_from",
        new SubscribeOptions { Mode = AnyMode, Start = StartPosition.Timestamp, StartTime = Fixture.Clock.GetUtcNow() });

    [TransportFact(TransportCapability.ReplayFromCursor, TransportCapability.Broadcast, Undeclared = true)]
    public Task A_cursor_is_refused_where_it_is_not_declared() => RefusesAsync("resume_after", new SubscribeOptions { ResumeAfter = "x" });

    [TransportFact(TransportCapability.ConsumerResume, TransportCapability.Broadcast, Undeclared = true)]
    public Task A_consumer_id_is_refused_where_it_is_not_declared() => RefusesAsync("consumer_id", Consumer());

    private DeliveryMode AnyMode =>
        Transport.Capabilities.Has(TransportCapability.Broadcast) ? DeliveryMode.Broadcast : DeliveryMode.WorkerPool;

    private async Task RefusesAsync(string option, SubscribeOptions options)
    {
        var failure = await FailsAsync(BrokerErrorCode.FailedPrecondition, () => SubscribeAsync(options));
        Assert.Contains(option, failure.Message, StringComparison.Ordinal);
    }
}
