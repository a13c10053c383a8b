using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.JetStream.Tests;

public sealed class JetStreamConformanceTests : TransportConformanceTests<JetStreamFixture>;
