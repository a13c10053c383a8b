using System.Collections.Concurrent;
using System.Collections.Frozen;
using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Kafka.Shared;

/// <summary>The administration that the mock cluster does not have. Topics are made and deleted past the protocol; their settings are remembered and
/// have no effect; groups are not listed; offsets by time are found by reading.</summary>
internal sealed class MockAdmin(MockCluster cluster) : ITopicAdmin
{
    // All administrations of a cluster know the same, as those of a real one do.
    private static readonly ConcurrentDictionary<(string Cluster, string Topic), IReadOnlyDictionary<string, string>> Settings = new();

    public IReadOnlySet<EventOption> KnownOptions { get; } = FrozenSet.ToFrozenSet(
        [EventOption.Retention, EventOption.MaxMessageBytes, EventOption.Partitions, EventOption.Replicas]);

    public async Task CreateAsync(string topic, int partitions, int? replicas, IReadOnlyDictionary<string, string> settings)
    {
        Check(await cluster.CreateTopicAsync(topic, partitions, replicas ?? 1));
        Settings[(cluster.BootstrapServers, topic)] = settings;
    }

    public async Task DeleteAsync(string topic) => Check(await cluster.DeleteTopicAsync(topic));

    public Task<IReadOnlyDictionary<string, string>> GetSettingsAsync(string topic) =>
        Task.FromResult(Settings.GetValueOrDefault((cluster.BootstrapServers, topic)) ?? FrozenDictionary<string, string>.Empty);

    public Task<IReadOnlyCollection<string>> ListGroupsAsync() => Task.FromResult<IReadOnlyCollection<string>>([]);

    public Task<long[]> FindOffsetsAsync(string topic, int partitions, DateTimeOffset time) => Task.Run(() =>
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = cluster.BootstrapServers,
            GroupId = "finder",
            EnablePartitionEof = true,
            EnableAutoCommit = false,
            FetchWaitMaxMs = 5,
        };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        var found = Enumerable.Repeat(-1L, partitions).ToArray();
        var open = Enumerable.Range(0, partitions).ToHashSet();
        consumer.Assign(open.Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        while (open.Count > 0)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(10)) ?? throw new TimeoutException("the mock cluster does not answer");
            if (result.IsPartitionEOF)
            {
                open.Remove(result.Partition);
            }
            else if (result.Message.Timestamp.UnixTimestampMs >= time.ToUnixTimeMilliseconds() && open.Remove(result.Partition))
            {
                found[result.Partition] = result.Offset;
            }
        }

        consumer.Close();
        return found;
    });

    private static void Check(int error)
    {
        switch (error)
        {
            case 0:
                return;
            case MockCluster.TopicAlreadyExists:
                throw BrokerErrors.EventAlreadyRegistered();
            case MockCluster.UnknownTopic:
                throw BrokerErrors.EventNotRegistered();
            default:
                throw new InvalidOperationException($"the mock cluster answers {error}");
        }
    }
}
