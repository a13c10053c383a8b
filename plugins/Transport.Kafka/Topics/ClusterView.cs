using System.Buffers.Binary;
using System.Security.Cryptography;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.Kafka.Clients;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>What every client may ask a cluster.</summary>
internal sealed class ClusterView(string transport, AdminCalls admin, TimeSpan timeout, Reach reach)
{
    /// <summary>Looks topics up.</summary>
    /// <returns>Those that there are.</returns>
    public Task<IReadOnlyList<TopicInfo>> FindAsync(IReadOnlyCollection<string> topics) => CallAsync(async () =>
    {
        IEnumerable<TopicDescription> descriptions;
        try
        {
            var result = await admin.Client.DescribeTopicsAsync(
                TopicCollection.OfTopicNames(topics), new DescribeTopicsOptions { RequestTimeout = timeout });
            descriptions = result.TopicDescriptions;
        }
        catch (DescribeTopicsException exception)
        {
            // Some are not there, or all.
            descriptions = exception.Results.TopicDescriptions;
            foreach (var description in descriptions)
            {
                if (description.Error is { IsError: true } error && error.Code != ErrorCode.UnknownTopicOrPart)
                {
                    throw new KafkaException(error, exception);
                }
            }
        }

        return (IReadOnlyList<TopicInfo>)
        [
            .. descriptions.Where(static d => d.Error is not { IsError: true } && d.Partitions.Count > 0)
                .Select(static d => new TopicInfo(d.Name, EpochOf(d), d.Partitions.Count, d.Partitions[0].Replicas.Count)),
        ];
    });

    /// <summary>Lists all topics.</summary>
    public Task<IReadOnlyList<string>> ListAsync() => CallAsync(() => Task.Run(() =>
        (IReadOnlyList<string>)[.. admin.Client.GetMetadata(timeout).Topics.Where(static t => !t.Error.IsError).Select(static t => t.Topic)]));

    /// <summary>Gets the oldest offsets that are retained, in each partition.</summary>
    public Task<long[]> GetEarliestAsync(string topic, int partitions) => GetOffsetsAsync(topic, partitions, OffsetSpec.Earliest());

    /// <summary>Gets the offsets behind the newest messages, in each partition.</summary>
    public Task<long[]> GetLatestAsync(string topic, int partitions) => GetOffsetsAsync(topic, partitions, OffsetSpec.Latest());

    /// <summary>Gets the offsets that a group has committed; negative where there is none.</summary>
    public Task<long[]> GetCommittedAsync(string group, string topic, int partitions) => CallAsync(async () =>
    {
        var asked = new ConsumerGroupTopicPartitions(group, [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))]);
        var found = new long[partitions];
        var listed = await admin.Client.ListConsumerGroupOffsetsAsync([asked], new ListConsumerGroupOffsetsOptions { RequestTimeout = timeout });
        foreach (var offset in listed[0].Partitions)
        {
            found[offset.Partition] = offset.Offset;
        }

        return found;
    });

    /// <summary>Describes the cluster.</summary>
    public Task<DescribeClusterResult> DescribeAsync() =>
        CallAsync(() => admin.Client.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = timeout }));

    private Task<long[]> GetOffsetsAsync(string topic, int partitions, OffsetSpec specification) => CallAsync(async () =>
    {
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

    // A topic that is deleted and made again has another id. 48 bits are left of it, since they share a number with the partition.
    private static ulong EpochOf(TopicDescription description)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, description.TopicId.MostSignificantBits);
        BinaryPrimitives.WriteInt64BigEndian(id[8..], description.TopicId.LeastSignificantBits);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) >> 16;
    }

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            var result = await admin.CallAsync(call);
            reach.Worked();
            return result;
        }
        catch (KafkaException exception)
        {
            var failure = KafkaErrors.Map(exception.Error, transport);
            if (failure.Code == BrokerErrorCode.Unavailable)
            {
                reach.Failed(exception.Error.Reason);
            }

            throw failure;
        }
    }
}
