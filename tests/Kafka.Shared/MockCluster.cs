using System.Globalization;

namespace EventBroker.Kafka.Shared;

/// <summary>A cluster of librdkafka's mock brokers. It speaks Kafka's protocol over TCP and keeps everything in memory, 5 MiB a partition.</summary>
internal sealed class MockCluster(MockProcess process, string name, string bootstrapServers)
{
    public const int TopicAlreadyExists = 36;

    public const int UnknownTopic = 3;

    public string BootstrapServers => bootstrapServers;

    /// <summary>Makes a topic.</summary>
    /// <returns>Kafka's code of the error; 0 for none.</returns>
    public Task<int> CreateTopicAsync(string topic, int partitions = 1, int replicas = 1) => DoAsync("create", topic, partitions, replicas);

    public Task<int> DeleteTopicAsync(string topic) => DoAsync("delete", topic);

    /// <summary>Deletes the oldest records of a partition, as retention does.</summary>
    public Task<int> DeleteRecordsAsync(string topic, int partition, long before) => DoAsync("trim", topic, partition, before);

    public Task<int> SetLeaderAsync(string topic, int partition, int broker) => DoAsync("leader", topic, partition, broker);

    public Task<int> SetCoordinatorAsync(string group, int broker) => DoAsync("coordinator", group, broker);

    /// <summary>Takes brokers down: connections break, and none is taken.</summary>
    /// <param name="broker">Which one; null for all.</param>
    public Task<int> SetDownAsync(int? broker = null) => broker is null ? DoAsync("down") : DoAsync("down", broker);

    public Task<int> SetUpAsync(int? broker = null) => broker is null ? DoAsync("up") : DoAsync("up", broker);

    /// <summary>Sets how long a broker keeps its answers back.</summary>
    public Task<int> DelayAnswersAsync(TimeSpan time, int broker = 1) => DoAsync("delay", broker, (int)time.TotalMilliseconds);

    /// <summary>Makes the next calls of a kind fail.</summary>
    /// <param name="api">Kafka's number of the call.</param>
    /// <param name="errors">Kafka's codes, one for each call.</param>
    public Task<int> PushErrorsAsync(MockApiKey api, params int[] errors) => DoAsync("errors", [(int)api, .. errors.Cast<object>()]);

    public Task<int> ClearErrorsAsync(MockApiKey api) => DoAsync("clear", (int)api);

    public Task<int> EndAsync() => DoAsync("end");

    private async Task<int> DoAsync(string command, params object[] arguments)
    {
        var words = arguments.Select(static a => Convert.ToString(a, CultureInfo.InvariantCulture));
        var answer = await process.AskAsync(string.Join(' ', [command, name, .. words]));
        return int.TryParse(answer, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var error)
            ? error
            : throw new InvalidOperationException($"the mock cluster says: {answer}");
    }
}

/// <summary>Kafka's numbers of calls.</summary>
public enum MockApiKey
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    SyncGroup = 14,
    InitProducerId = 22,
}
