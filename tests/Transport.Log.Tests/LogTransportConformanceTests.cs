using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Log.Tests;

public sealed class LogTransportConformanceTests : TransportConformanceTests<LogTransportFixture>;
