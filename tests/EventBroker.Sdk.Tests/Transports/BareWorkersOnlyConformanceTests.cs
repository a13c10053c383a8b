using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// A plain queue: worker groups and nothing else.
public sealed class BareWorkersOnlyConformanceTests : TransportConformanceTests<BareWorkersOnlyConformanceTests.Bare>
{
    public sealed class Bare : TransportFixture
    {
        public override bool IsEmbedded => true;

        public override int ManyMessages => 10_000;

        public override ValueTask<ITransport> CreateAsync() =>
            new(new BareTransport(broadcasts: false, TransportCapability.WorkerGroups));
    }
}
