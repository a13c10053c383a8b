using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Nats.Tests;

public sealed class NatsConformanceTests : TransportConformanceTests<NatsFixture>;
