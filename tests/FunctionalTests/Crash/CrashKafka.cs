using EventBroker.Kafka.Shared;

namespace EventBroker.FunctionalTests.Crash;

// A mock cluster whose broker goes down and comes back with what it had. Its event's topic has four partitions, so that brokers share it.
internal sealed class CrashKafka : ICrashBackend, IAsyncDisposable
{
    private readonly MockProcess _process;
    private readonly MockCluster _cluster;
    private Task _down = Task.CompletedTask;

    private CrashKafka(MockProcess process, MockCluster cluster, int kills) => (_process, _cluster, Kills) = (process, cluster, kills);

    public int Kills { get; }

    // What was handed over right before a kill may not be noted yet.
    public bool ForgetsCounts => true;

    public bool KeepsRepeats => true;

    public bool KeepsOrder => false;

    // The mock has no list of groups, and keeps 5 MiB of a partition.
    public bool TellsNothing => true;

    // As plugins.json names it.
    public string Transport => KafkaSettings.Of(_cluster);

    public static async Task<CrashKafka> StartAsync(int kills)
    {
        var process = MockProcess.Start();
        var cluster = await process.NewClusterAsync();
        await cluster.CreateTopicAsync("eb." + CrashRun.Event, partitions: 4);
        return new CrashKafka(process, cluster, kills);
    }

    public void Kill() => _down = _cluster.SetDownAsync();

    public Task EndedAsync() => _down;

    public Task StartAgainAsync() => _cluster.SetUpAsync();

    public Task CheckAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
