using System.Diagnostics.Metrics;
using Confluent.Kafka;
using EventBroker.Kafka.Shared;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Tests.Cluster;

namespace EventBroker.Transport.Kafka.Tests.Conformance;

/// <summary>Transports over a mock cluster that the suite has for itself, since it takes its brokers down; or over a real one, where the environment
/// names it.</summary>
public sealed class KafkaFixture : TransportFixture, IAsyncDisposable
{
#pragma warning disable VSTHRD011 // Nothing waits for it while it is made.
    private static readonly Lazy<Task<MockCluster>> Mock = new(static () => SharedMock.Process.NewClusterAsync());
#pragma warning restore VSTHRD011

    private readonly CountingLogger _log = new();
    private readonly Meter _meter = new("tests");
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12] + ".";

    public override string? ShowsLessBecause => RealCluster.BootstrapServers is null ? null : "only what the mock cluster shows is kept";

    // A host that has no partition waits until another one lets go of it.
    public override TimeSpan Patience => TimeSpan.FromMinutes(2);

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
        var topic = _prefix + eventName;
        if (RealCluster.BootstrapServers is not { } servers)
        {
            return await (await Mock.Value).DeleteRecordsAsync(topic, 0, count) == 0;
        }

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, count)]);
        return true;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable) => SetBackendUpAsync(isReachable);

    public override async ValueTask<bool> SetBackendUpAsync(bool isUp)
    {
        if (RealCluster.BootstrapServers is not null)
        {
            return false;
        }

        var cluster = await Mock.Value;
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
        if (RealCluster.BootstrapServers is { } servers)
        {
            var settings = TestSettings.Make(servers, _prefix);
            settings.SessionTimeout = TimeSpan.FromSeconds(6);
            settings.Timeout = settings.StartTimeout = TimeSpan.FromSeconds(10);
            return await KafkaTransport.StartAsync("kafka", settings, TimeProvider.System, _meter, _log, admin: null, CancellationToken.None);
        }

        var cluster = await Mock.Value;
        return await KafkaTransport.StartAsync(
            "kafka", TestSettings.Make(cluster.BootstrapServers, _prefix), TimeProvider.System, _meter, _log, new MockAdmin(cluster), CancellationToken.None);
    }
}
