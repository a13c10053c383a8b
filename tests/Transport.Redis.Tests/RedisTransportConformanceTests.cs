using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Redis.Tests;

public sealed class RedisTransportConformanceTests : TransportConformanceTests<RedisTransportFixture>;
