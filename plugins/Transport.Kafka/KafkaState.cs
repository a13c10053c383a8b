using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Settings;
using EventBroker.Transport.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka;

/// <summary>What all parts of a transport share.</summary>
internal sealed class KafkaState(
    string name, KafkaSettings settings, ClientFactory clients, ClusterView cluster, ITopicAdmin admin, TimeProvider time, KafkaMetrics metrics, ILogger logger)
{
    public string Name => name;

    public KafkaSettings Settings => settings;

    public ClientFactory Clients => clients;

    public ClusterView Cluster => cluster;

    public ITopicAdmin Admin => admin;

    public TimeProvider Time => time;

    public KafkaMetrics Metrics => metrics;

    public ILogger Logger => logger;

    public Reach Reach => clients.Reach;

    public GroupNames Groups { get; } = new(settings.GroupPrefix);

    /// <summary>Gets how many more subscriptions may read what is past.</summary>
    public SemaphoreSlim Replays { get; } = new(settings.MaxReplays);
}
