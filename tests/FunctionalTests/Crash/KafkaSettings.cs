using EventBroker.Kafka.Shared;

namespace EventBroker.FunctionalTests.Crash;

// The transport over a mock cluster, which makes no topics by the protocol and does not wake a fetch that waits.
internal static class KafkaSettings
{
    public static string Of(MockCluster cluster, TimeSpan? maxPoll = null) => $$"""
        { "plugin": "kafka", "settings": {
            "bootstrapServers": "{{cluster.BootstrapServers}}", "createTopics": false, "sessionTimeout": "3s", "watchInterval": "200ms", "keyMetadata": "k",
            "consumer": { "fetch.wait.max.ms": "5", "heartbeat.interval.ms": "200", "max.poll.interval.ms": "{{(maxPoll ?? TimeSpan.FromMinutes(5)).TotalMilliseconds}}" },
            "librdkafka": { "reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "200" } } }
        """;
}
