using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.Bare;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// Proves the branches of the suite for what a transport can't do.
public sealed class BareTransportConformanceTests : TransportConformanceTests<BareTransportConformanceTests.Bare>
{
    public sealed class Bare : TransportFixture
    {
        public override bool IsEmbedded => true;

        public override int ManyMessages => 10_000;

        public override ValueTask<ITransport> CreateAsync() => new(new BareTransport());
    }
}
