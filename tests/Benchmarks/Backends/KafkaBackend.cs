using System.Diagnostics.Metrics;
using Benchmarks.Loads;
using Confluent.Kafka;
using EventBroker.Kafka.Shared;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka;
using EventBroker.Transport.Kafka.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks.Backends;

/// <summary>A mock cluster: an idempotent producer, and a consumer that commits, by Confluent.Kafka. The mock keeps 5 MiB of a partition, so there
/// are many.</summary>
internal sealed class KafkaBackend : IBackend
{
    private const string Topic = "direct";
    private const int Partitions = 64;

    private readonly MockProcess _process;
    private readonly MockCluster _cluster;
    private readonly Meter _meter;
    private readonly KafkaTransport _transport;
    private readonly IProducer<byte[]?, byte[]> _producer;
    private IConsumer<byte[]?, byte[]>? _consumer;

    private KafkaBackend(MockProcess process, MockCluster cluster, Meter meter, KafkaTransport transport)
    {
        (_process, _cluster, _meter, _transport) = (process, cluster, meter, transport);
        var config = new ProducerConfig
        {
            BootstrapServers = cluster.BootstrapServers,
            EnableIdempotence = true,
            Acks = Confluent.Kafka.Acks.All,
            LingerMs = 0,
            DeliveryReportFields = "status",
        };
        _producer = new ProducerBuilder<byte[]?, byte[]>(config).Build();
    }

    public ITransport Transport => _transport;

    public static async Task<IBackend> StartAsync(CancellationToken cancellation)
    {
        var process = MockProcess.Start();
        var cluster = await process.NewClusterAsync();
        await cluster.CreateTopicAsync(Topic, Partitions);
        var meter = new Meter("benchmarks");
        var settings = new KafkaSettings { BootstrapServers = cluster.BootstrapServers, Partitions = Partitions };
        settings.Consumer["fetch.wait.max.ms"] = "5";
        var transport = await KafkaTransport.StartAsync(
            "kafka", settings, TimeProvider.System, meter, NullLogger.Instance, new MockAdmin(cluster), cancellation);
        return new KafkaBackend(process, cluster, meter, transport);
    }

    /// <summary>Kafka knows no ids.</summary>
    public ILoad PublishByClient(int inFlight, bool hasIds) => new BackendPublishes(PublishAsync, inFlight);

    public Task<ILoad> ConsumeByClientAsync()
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = _cluster.BootstrapServers,
            GroupId = "direct",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            FetchWaitMaxMs = 5,
        };
        _consumer = new ConsumerBuilder<byte[]?, byte[]>(config).Build();
        _consumer.Subscribe(Topic);
        var message = MessageEncoder.Encode(Guid.NewGuid().ToString("n"), "remote", SampleMessage.Payload, SampleMessage.Metadata, default);
        return Task.FromResult<ILoad>(new BackendConsumes(
            () => Task.WhenAll(Enumerable.Range(0, BackendConsumes.Batch).Select(_ => PublishAsync(message))),
            messages => Task.Run(() => Consume(messages))));
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _producer.Dispose();
        _consumer?.Close();
        _consumer?.Dispose();
        _meter.Dispose();
        await _process.DisposeAsync();
    }

    // The same payload and headers as the transport writes.
    private Task PublishAsync(EncodedMessage message)
    {
        var headers = new Headers();
        var record = new Message<byte[]?, byte[]> { Headers = headers };
        var reader = message.CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Payload)
                record.Value = reader.Value.ToArray();
            else
                headers.Add(reader.Field == MessageField.Metadata ? System.Text.Encoding.UTF8.GetString(reader.Key) : "field", reader.Value.ToArray());
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _producer.Produce(Topic, record, report =>
        {
            if (report.Error.IsError)
                done.SetException(new KafkaException(report.Error));
            else
                done.SetResult();
        });
        return done.Task;
    }

    private void Consume(long messages)
    {
        var offsets = new Dictionary<TopicPartition, Offset>();
        for (var (left, taken) = (messages, 0); left > 0;)
        {
            if (_consumer!.Consume(TimeSpan.FromSeconds(1)) is not { } result)
                continue;

            offsets[result.TopicPartition] = result.Offset + 1;
            left--;
            if (++taken < BackendConsumes.Batch && left > 0)
                continue;

            _consumer.Commit(offsets.Select(static o => new TopicPartitionOffset(o.Key, o.Value)));
            offsets.Clear();
            taken = 0;
        }
    }
}
