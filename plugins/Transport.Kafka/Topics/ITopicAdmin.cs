using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>What a transport asks of the administration of a cluster, beyond what every client may: making and deleting topics, their settings, the
/// consumer groups that there are, offsets by time. A cluster does it by itself; where one can't, as librdkafka's mock cluster, whoever makes the
/// transport says how. Failures are <see cref="BrokerException"/>.</summary>
public interface ITopicAdmin
{
    /// <summary>Gets which options of an event it can keep.</summary>
    IReadOnlySet<EventOption> KnownOptions { get; }

    /// <summary>Makes a topic.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="partitions">How many partitions, from 1.</param>
    /// <param name="replicas">How many copies; null for what the cluster says.</param>
    /// <param name="settings">Its settings, by Kafka's names.</param>
    /// <returns>A task that ends when the cluster has taken it.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.AlreadyExists"/>: there is one of this name.</exception>
    Task CreateAsync(string topic, int partitions, int? replicas, IReadOnlyDictionary<string, string> settings);

    /// <summary>Deletes a topic.</summary>
    /// <param name="topic">Its name.</param>
    /// <returns>A task that ends when the cluster has taken it.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.NotFound"/>: there is none of this name.</exception>
    Task DeleteAsync(string topic);

    /// <summary>Reads the settings of a topic.</summary>
    /// <param name="topic">Its name.</param>
    /// <returns>Its settings, by Kafka's names; empty where they may not be read.</returns>
    Task<IReadOnlyDictionary<string, string>> GetSettingsAsync(string topic);

    /// <summary>Lists consumer groups.</summary>
    /// <returns>The names of all that there are.</returns>
    Task<IReadOnlyCollection<string>> ListGroupsAsync();

    /// <summary>Finds the first messages that have a timestamp or a later one.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="time">The timestamp.</param>
    /// <returns>The offset in each partition; negative where there is none.</returns>
    Task<long[]> FindOffsetsAsync(string topic, int partitions, DateTimeOffset time);
}
