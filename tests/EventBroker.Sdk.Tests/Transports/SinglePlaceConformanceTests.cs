using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class SinglePlaceConformanceTests : TransportConformanceTests<SinglePlaceConformanceTests.OneStorage>
{
    public sealed class OneStorage : TransportFixture
    {
        private readonly SinglePlaceStorage _storage = new();

        public override ValueTask<ITransport> CreateAsync() => new(new SinglePlaceTransport(_storage));
    }
}
