using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// A plain queue: worker groups and nothing else.
public sealed class BareWorkersOnlyConformanceTests : TransportConformanceTests<BareWorkersOnlyConformanceTests.Bare>
{
    public sealed class Bare : TransportFixture
    {
        public override ValueTask<ITransport> CreateAsync() =>
            new(new BareTransport(broadcasts: false, TransportCapability.WorkerGroups));
    }
}
