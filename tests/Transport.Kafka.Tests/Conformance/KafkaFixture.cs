using System.Diagnostics.Metrics;
using EventBroker.Kafka.Shared;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Tests.Cluster;

namespace EventBroker.Transport.Kafka.Tests.Conformance;

/// <summary>Transports over a mock cluster that the suite has for itself, since it takes its brokers down.</summary>
public sealed class KafkaFixture : TransportFixture, IAsyncDisposable
{
#pragma warning disable VSTHRD011 // Nothing waits for it while it is made.
    private static readonly Lazy<Task<MockCluster>> Cluster = new(static () => SharedMock.Process.NewClusterAsync());
#pragma warning restore VSTHRD011

    private readonly CountingLogger _log = new();
    private readonly Meter _meter = new("tests");
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12] + ".";

    public override int Rounds => 500;

    public override int ManyMessages => 10_000;

    public override async ValueTask<ITransport> CreateAsync() => await StartAsync();

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await StartAsync();
    }

    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        var cluster = await Cluster.Value;
        return await cluster.DeleteRecordsAsync(_prefix + eventName, 0, count) == 0;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable) => SetBackendUpAsync(isReachable);

    public override async ValueTask<bool> SetBackendUpAsync(bool isUp)
    {
        var cluster = await Cluster.Value;
        return await (isUp ? cluster.SetUpAsync() : cluster.SetDownAsync()) == 0;
    }

    public override int? CountLogLines() => _log.Lines.Count;

    // A test that fails in an outage does not take the others with it.
    public async ValueTask DisposeAsync()
    {
        await SetBackendUpAsync(true);
        _meter.Dispose();
    }

    private async Task<ITransport> StartAsync()
    {
        var cluster = await Cluster.Value;
        return await KafkaTransport.StartAsync(
            "kafka", TestSettings.Make(cluster.BootstrapServers, _prefix), TimeProvider.System, _meter, _log, new MockAdmin(cluster), CancellationToken.None);
    }
}
