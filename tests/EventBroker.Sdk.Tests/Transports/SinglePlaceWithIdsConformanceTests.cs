using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Sdk.Tests.Transports;

// With what a backend may do on top: it remembers ids and takes no large messages.
public sealed class SinglePlaceWithIdsConformanceTests : TransportConformanceTests<SinglePlaceWithIdsConformanceTests.WithIds>
{
    public sealed class WithIds : SinglePlaceFixture
    {
        protected override TimeSpan? DeduplicationWindow => TimeSpan.FromMinutes(2);

        protected override int? MaxMessageBytes => 200_000;
    }
}
