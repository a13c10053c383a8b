using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class MemoryTransportConformanceTests : TransportConformanceTests<MemoryTransportFixture>;
