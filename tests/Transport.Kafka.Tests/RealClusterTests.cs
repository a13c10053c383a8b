using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Tests.Cluster;

namespace EventBroker.Transport.Kafka.Tests;

// What only a real cluster can show: topics with their settings, partitions that are added, offsets by time, the list of groups.
public sealed class RealClusterTests : IAsyncLifetime
{
    private readonly string _prefix = "r" + Guid.NewGuid().ToString("n")[..12] + ".";
    private readonly Meter _meter = new("tests");
    private readonly CountingLogger _log = new();
    private KafkaTransport _host = null!;

    public async ValueTask InitializeAsync()
    {
        RealCluster.SkipWithout();
        _host = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null)
        {
            foreach (var name in await _host.ListAsync(CancellationToken.None))
            {
                await _host.UnregisterAsync(name, CancellationToken.None);
            }

            await _host.DisposeAsync();
        }

        _meter.Dispose();
    }

    [Fact]
    public async Task An_events_options_are_its_topics_settings()
    {
        var options = new EventOptions
        {
            Retention = TimeSpan.FromHours(2),
            MaxBytes = 10_000_000,
            MaxMessageBytes = 50_000,
            Partitions = 3,
            Replicas = 1,
        };
        await _host.RegisterAsync("e", options, CancellationToken.None);
        var described = (await _host.DescribeAsync("e", CancellationToken.None)).Options;
        Assert.Equal(
            (options.Retention, options.MaxMessageBytes, options.Partitions, options.Replicas),
            (described.Retention, described.MaxMessageBytes, described.Partitions, described.Replicas));
        Assert.InRange(described.MaxBytes!.Value, options.MaxBytes.Value - 3, options.MaxBytes.Value);
    }

    [Fact]
    public async Task Partitions_added_while_a_thousand_keyed_messages_are_published_lose_none()
    {
        await _host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(_host);
        var everything = await Harness.SubscribeAsync(_host);
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                await PublishAsync(i);
                if (i == 300)
                {
                    using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = RealCluster.Need() }).Build();
                    await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = _prefix + "e", IncreaseTo = 8 }]);
                }
            }
        });
        foreach (var subscriber in new[] { worker, everything })
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (seen.Count < 1_000)
            {
                var taken = await subscriber.TakeAsync(1);
                seen.Add(TestSubscriber.Text(taken[0]));
                if (subscriber == worker)
                {
                    await worker.CompleteAsync(taken);
                }
            }
        }

        await publishing;
    }

    [Fact]
    public async Task A_subscription_begins_at_a_time()
    {
        await _host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await PublishAsync(1);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var time = TimeProvider.System.GetUtcNow();
        await PublishAsync(2);
        var subscriber = await Harness.SubscribeAsync(_host, new SubscribeOptions { Start = StartPosition.Timestamp, StartTime = time });
        Assert.Equal(["2"], await subscriber.TakeTextAsync(1));
    }

    [Fact]
    public async Task A_description_names_the_groups_of_other_hosts()
    {
        await _host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var other = await StartAsync();
        var member = await Harness.JoinAsync(other, "theirs");
        await PublishAsync(1);
        await member.CompleteNextAsync();
        var group = Assert.Single((await _host.DescribeAsync("e", CancellationToken.None)).Groups);
        Assert.Equal((PlaceKind.WorkerGroup, "theirs", 0L), (group.Kind, group.Name, group.Lag));
        await other.DisposeAsync();
    }

    private async Task PublishAsync(int number)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        var message = MessageEncoder.Encode(
            "id-" + text, "tests", Encoding.UTF8.GetBytes(text), null, MessageTimestamp.From(TimeProvider.System.GetUtcNow()));
        await _host.PublishAsync("e", new TransportMessage(message) { OrderingKey = text }, CancellationToken.None);
    }

    private Task<KafkaTransport> StartAsync()
    {
        var settings = TestSettings.Make(RealCluster.Need(), _prefix);
        settings.SessionTimeout = TimeSpan.FromSeconds(6);
        settings.Timeout = settings.StartTimeout = TimeSpan.FromSeconds(10);
        return KafkaTransport.StartAsync("kafka", settings, TimeProvider.System, _meter, _log, admin: null, CancellationToken.None);
    }
}
