using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// Worker groups that take back what a member gives back, but only at once.
public sealed class BareRedeliveryConformanceTests : TransportConformanceTests<BareRedeliveryConformanceTests.Bare>
{
    public sealed class Bare : TransportFixture
    {
        public override bool IsEmbedded => true;

        public override int ManyMessages => 10_000;

        public override ValueTask<ITransport> CreateAsync() =>
            new(new BareTransport(TransportCapability.WorkerGroups, TransportCapability.Redelivery));
    }
}
