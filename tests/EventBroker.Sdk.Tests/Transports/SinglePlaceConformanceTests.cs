using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class SinglePlaceConformanceTests : TransportConformanceTests<SinglePlaceFixture>;
