using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Tests;

public sealed class JetStreamConformanceTests : TransportConformanceTests<JetStreamFixture>
{
    /// <inheritdoc/>
    [TransportFact(
        TransportCapability.WorkerGroups,
        Skip = "A known fault of this transport: over nats-server 2.9.10, with two hosts, a message may come again after its ack was answered. Take this override away once that is mended; the fault shows within seconds on a machine with nothing else to do.")]
    public override Task Many_messages_settled_at_random_are_each_done_once_and_none_is_lost_or_invented() =>
        base.Many_messages_settled_at_random_are_each_done_once_and_none_is_lost_or_invented();
}
