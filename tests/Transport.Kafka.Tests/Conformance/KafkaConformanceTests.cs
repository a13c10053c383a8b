using EventBroker.Sdk.Conformance.Transports;

namespace EventBroker.Transport.Kafka.Tests.Conformance;

public sealed class KafkaConformanceTests : TransportConformanceTests<KafkaFixture>;
