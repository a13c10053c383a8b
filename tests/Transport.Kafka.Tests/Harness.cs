using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using EventBroker.Kafka.Shared;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Settings;
using EventBroker.Transport.Kafka.Tests.Cluster;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka.Tests;

/// <summary>Hosts over one mock cluster, with topics that no other test has.</summary>
internal sealed class Harness : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Meter _meter = new("tests");
    private readonly List<ITransport> _transports = [];
    private readonly bool _ownsCluster;
    private int _messages;

    private Harness(MockCluster cluster, bool ownsCluster) => (Cluster, _ownsCluster) = (cluster, ownsCluster);

    public MockCluster Cluster { get; }

    public CountingLogger Log { get; init; } = new();

    public string Prefix { get; } = "h" + Guid.NewGuid().ToString("n")[..12] + ".";

    /// <summary>Gets a cluster of the test's own, to do something to it.</summary>
    public static async Task<Harness> OwnClusterAsync(int brokers = 1) => new(await SharedMock.Process.NewClusterAsync(brokers), true);

    public static async Task<Harness> ShareClusterAsync(LogLevel least = LogLevel.Information) =>
        new(await SharedMock.GetClusterAsync(), false) { Log = new CountingLogger(least) };

    public async Task<KafkaTransport> StartHostAsync(Action<KafkaSettings>? change = null)
    {
        var settings = TestSettings.Make(Cluster.BootstrapServers, Prefix);
        change?.Invoke(settings);
        var transport = await KafkaTransport.StartAsync(
            "kafka", settings, TimeProvider.System, _meter, Log, new MockAdmin(Cluster), CancellationToken.None);
        _transports.Add(transport);
        return transport;
    }

    /// <summary>Starts a host, and registers the event <c>e</c>.</summary>
    public async Task<KafkaTransport> StartHostWithEventAsync(int partitions = 1, Action<KafkaSettings>? change = null)
    {
        var host = await StartHostAsync(change);
        await host.RegisterAsync("e", new EventOptions { Partitions = partitions }, CancellationToken.None);
        return host;
    }

    public EncodedMessage Message(string text, params KeyValuePair<string, string>[] metadata) => MessageEncoder.Encode(
        string.Create(CultureInfo.InvariantCulture, $"id-{Interlocked.Increment(ref _messages)}"),
        "tests",
        Encoding.UTF8.GetBytes(text),
        metadata,
        MessageTimestamp.From(TimeProvider.System.GetUtcNow()));

    public async Task PublishAsync(ITransport transport, params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await transport.PublishAsync("e", new TransportMessage(Message(text)), CancellationToken.None);
        }
    }

    /// <summary>Publishes with a key, which is what stands before the colon of a text.</summary>
    public async Task PublishKeyedAsync(ITransport transport, params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            var message = new TransportMessage(Message(text)) { OrderingKey = text[..text.IndexOf(':', StringComparison.Ordinal)] };
            await transport.PublishAsync("e", message, CancellationToken.None);
        }
    }

    public static Task<TestSubscriber> JoinAsync(ITransport transport, string group = "g", StartPosition start = StartPosition.Unspecified) =>
        SubscribeAsync(transport, new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group, Start = start });

    public static async Task<TestSubscriber> SubscribeAsync(ITransport transport, SubscribeOptions? options = null)
    {
        var probe = new SubscriberProbe();
        return new TestSubscriber(
            await transport.SubscribeAsync("e", options ?? new SubscribeOptions(), probe, CancellationToken.None), probe, Patience);
    }

    /// <summary>Asks the cluster what the worker group <c>g</c> of the event <c>e</c> has committed, as any client can.</summary>
    public Task<long> GetCommittedAsync() => Task.Run(() =>
    {
        var config = new ConsumerConfig { BootstrapServers = Cluster.BootstrapServers, GroupId = Prefix + "g:e:g" };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        return Assert.Single(consumer.Committed([new TopicPartition(Prefix + "e", 0)], Patience)).Offset.Value;
    });

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "it did not come to that");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var transport in _transports)
        {
            await transport.DisposeAsync();
        }

        if (_ownsCluster)
        {
            await Cluster.EndAsync();
        }

        _meter.Dispose();
    }
}
