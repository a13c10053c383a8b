using EventBroker.Transport.Kafka.Settings;

namespace EventBroker.Transport.Kafka.Tests.Cluster;

/// <summary>Settings with which everything happens soon.</summary>
internal static class TestSettings
{
    public static KafkaSettings Make(string bootstrapServers, string prefix)
    {
        var settings = new KafkaSettings
        {
            BootstrapServers = bootstrapServers,
            TopicPrefix = prefix,
            GroupPrefix = prefix,
            SessionTimeout = TimeSpan.FromSeconds(1.5),
            WatchInterval = TimeSpan.FromMilliseconds(200),
            Timeout = TimeSpan.FromSeconds(3),
            StartTimeout = TimeSpan.FromSeconds(3),
        };

        // The mock's fetches are not woken by what is published.
        settings.Consumer["fetch.wait.max.ms"] = "5";
        settings.Consumer["heartbeat.interval.ms"] = "100";
        settings.Librdkafka["reconnect.backoff.ms"] = "20";
        settings.Librdkafka["reconnect.backoff.max.ms"] = "100";
        return settings;
    }
}
