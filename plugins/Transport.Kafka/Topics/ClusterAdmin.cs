using System.Collections.Frozen;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>The administration that a real cluster has.</summary>
internal sealed class ClusterAdmin(string transport, AdminCalls admin, TimeSpan timeout) : ITopicAdmin
{
    public IReadOnlySet<EventOption> KnownOptions { get; } = FrozenSet.ToFrozenSet(
        [EventOption.Retention, EventOption.MaxBytes, EventOption.MaxMessageBytes, EventOption.Partitions, EventOption.Replicas]);

    public Task CreateAsync(string topic, int partitions, int? replicas, IReadOnlyDictionary<string, string> settings) => CallAsync(async () =>
    {
        var specification = new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = (short)(replicas ?? -1),
            Configs = new Dictionary<string, string>(settings, StringComparer.Ordinal),
        };
        await admin.Client.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout });
        return true;
    });

    public Task DeleteAsync(string topic) => CallAsync(async () =>
    {
        await admin.Client.DeleteTopicsAsync([topic], new DeleteTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout });
        return true;
    });

    public async Task<IReadOnlyDictionary<string, string>> GetSettingsAsync(string topic)
    {
        try
        {
            return await CallAsync(async () =>
            {
                var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
                var described = await admin.Client.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = timeout });
                return described[0].Entries.Where(static e => e.Value.Value is not null)
                    .ToDictionary(static e => e.Key, static e => e.Value.Value, StringComparer.Ordinal);
            });
        }
        catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.FailedPrecondition)
        {
            // Reading a topic does not take the right to read its settings.
            return FrozenDictionary<string, string>.Empty;
        }
    }

    public Task<IReadOnlyCollection<string>> ListGroupsAsync() => CallAsync(async () =>
    {
        var listed = await admin.Client.ListConsumerGroupsAsync(new ListConsumerGroupsOptions { RequestTimeout = timeout });
        return (IReadOnlyCollection<string>)[.. listed.Valid.Select(static g => g.GroupId)];
    });

    public Task<long[]> FindOffsetsAsync(string topic, int partitions, DateTimeOffset time) => CallAsync(async () =>
    {
        var specification = OffsetSpec.ForTimestamp(time.ToUnixTimeMilliseconds());
        var asked = Enumerable.Range(0, partitions)
            .Select(p => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, p), OffsetSpec = specification });
        var found = new long[partitions];
        var listed = await admin.Client.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = timeout });
        foreach (var info in listed.ResultInfos)
        {
            found[info.TopicPartitionOffsetError.Partition] = info.TopicPartitionOffsetError.Offset;
        }

        return found;
    });

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await admin.CallAsync(call);
        }
        catch (CreateTopicsException exception)
        {
            throw KafkaErrors.Map(exception.Results[0].Error, transport);
        }
        catch (DeleteTopicsException exception)
        {
            throw KafkaErrors.Map(exception.Results[0].Error, transport);
        }
        catch (DescribeConfigsException exception)
        {
            throw KafkaErrors.Map(exception.Results[0].Error, transport);
        }
        catch (KafkaException exception)
        {
            throw KafkaErrors.Map(exception.Error, transport);
        }
    }
}
