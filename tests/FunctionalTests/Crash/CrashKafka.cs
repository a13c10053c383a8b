using System.Text;
using Confluent.Kafka;
using EventBroker.Kafka.Shared;

namespace EventBroker.FunctionalTests.Crash;

// A mock cluster whose broker goes down and comes back with what it had. Its event's topic has four partitions, so that brokers share it.
internal sealed class CrashKafka : ICrashBackend, IAsyncDisposable
{
    private const string Topic = "eb." + CrashRun.Event;
    private const int Partitions = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MockProcess _process;
    private readonly MockCluster _cluster;
    private Task _down = Task.CompletedTask;

    private CrashKafka(MockProcess process, MockCluster cluster, int kills) => (_process, _cluster, Kills) = (process, cluster, kills);

    public int Kills { get; }

    // What was handed over right before a kill may not be noted yet.
    public bool ForgetsCounts => true;

    public bool KeepsRepeats => true;

    // Partitions go from one broker to the other whenever one of them comes or goes.
    public bool TakesBack => true;

    public bool KeepsOrder => false;

    // What is held for long is to be there all the same.
    public int BatchPayload => 1024;

    // The mock has no list of groups, and keeps 5 MiB of a partition.
    public bool TellsNothing => true;

    // As plugins.json names it.
    public string Transport => KafkaSettings.Of(_cluster);

    public static async Task<CrashKafka> StartAsync(int kills)
    {
        var process = MockProcess.Start();
        var cluster = await process.NewClusterAsync();
        await cluster.CreateTopicAsync(Topic, Partitions);
        return new CrashKafka(process, cluster, kills);
    }

    public void Kill() => _down = _cluster.SetDownAsync();

    public Task EndedAsync() => _down;

    public Task StartAgainAsync() => _cluster.SetUpAsync();

    public Task CheckAsync() => Task.CompletedTask;

    // A real cluster drops what an idempotent producer sends once more because the answer got lost. The mock keeps it.
    public Task<IReadOnlySet<string>> FindRepeatsAsync() => Task.Run(() =>
    {
        var config = new ConsumerConfig { BootstrapServers = _cluster.BootstrapServers, GroupId = "repeats", EnablePartitionEof = true, FetchWaitMaxMs = 5 };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(static p => new TopicPartitionOffset(Topic, p, Offset.Beginning)));
        var (seen, repeats) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var open = Partitions; open > 0;)
        {
            var result = consumer.Consume(Patience) ?? throw new TimeoutException("the mock cluster does not answer");
            if (result.IsPartitionEOF)
            {
                open--;
                continue;
            }

            var id = Encoding.UTF8.GetString(result.Message.Headers.GetLastBytes("eb.id"));
            if (!seen.Add(id))
            {
                repeats.Add(id);
            }
        }

        // The mock drops what it has no room for.
        Assert.All(
            Enumerable.Range(0, Partitions),
            p => Assert.Equal(0, consumer.QueryWatermarkOffsets(new TopicPartition(Topic, p), Patience).Low.Value));
        consumer.Close();
        return (IReadOnlySet<string>)repeats;
    });

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
