using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// Worker groups whose redelivery is left to the broker.
public sealed class BareGroupsConformanceTests : TransportConformanceTests<BareGroupsConformanceTests.Bare>
{
    public sealed class Bare : TransportFixture
    {
        public override bool IsEmbedded => true;

        public override int ManyMessages => 10_000;

        public override ValueTask<ITransport> CreateAsync() => new(new BareTransport(TransportCapability.WorkerGroups));
    }
}
