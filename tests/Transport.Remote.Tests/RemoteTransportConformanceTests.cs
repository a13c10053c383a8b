using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Remote.Tests;

public sealed class RemoteTransportConformanceTests : TransportConformanceTests<RemoteTransportFixture>;
