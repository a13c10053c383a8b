using System.Text;
using Confluent.Kafka;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Tests;

// What other programs write, and what they can read.
public sealed class InteropTests
{
    [Fact]
    public async Task A_record_of_another_program_arrives_with_its_value_headers_key_and_time()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var subscriber = await Harness.SubscribeAsync(host);
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_767_323_045_409);
        await ProduceAsync(harness, new Message<byte[], byte[]>
        {
            Key = "customer-7"u8.ToArray(),
            Value = "{\"total\":42}"u8.ToArray(),
            Timestamp = new Timestamp(time),
            Headers = new Headers
            {
                { "tenant", "acme"u8.ToArray() },
                { "tag", "one"u8.ToArray() },
                { "tag", "two"u8.ToArray() },
                { "raw", [0xFF, 0x41] },
                { "none", null },
            },
        });
        var message = (await subscriber.TakeOneAsync()).Message;
        Assert.Equal("{\"total\":42}", Encoding.UTF8.GetString(message.GetPayload()));
        Assert.Equal(time, message.GetTimestamp().ToDateTimeOffset());
        Assert.Equal(harness.Prefix + "e/0/0", message.GetId());
        Assert.Equal("kafka", message.GetSource());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["kafka.key"] = "customer-7",
                ["tenant"] = "acme",
                ["tag"] = "one,two",
                ["raw"] = "\uFFFDA",
                ["none"] = "",
            },
            message.GetMetadata());
    }

    [Fact]
    public async Task A_tombstone_and_an_empty_record_arrive_and_stop_nothing()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var worker = await Harness.JoinAsync(host);
        await ProduceAsync(harness, new Message<byte[], byte[]> { Key = "k"u8.ToArray(), Value = null! });
        await ProduceAsync(harness, new Message<byte[], byte[]> { Value = [] });
        await ProduceAsync(harness, new Message<byte[], byte[]> { Key = [], Value = [1], Headers = new Headers { { "eb.time", [1] } } });
        await harness.PublishAsync(host, "a");
        var taken = await worker.TakeAsync(4);
        Assert.Equal("true", taken[0].Message.GetMetadata("kafka.tombstone"));
        Assert.All(taken.Take(2), static d => Assert.Empty(d.Message.GetPayload().ToArray()));
        Assert.All(await worker.CompleteAsync(taken), static o => Assert.Equal(SettlementOutcome.Done, o));
        Assert.Equal("a", TestSubscriber.Text(taken[3]));
    }

    [Fact]
    public async Task Any_client_can_read_what_a_broker_wrote()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var message = harness.Message(
            "plain", KeyValuePair.Create("tenant", "acme"), KeyValuePair.Create("", "unnamed"), KeyValuePair.Create("eb.id", "not mine"));
        await host.PublishAsync("e", new TransportMessage(message) { OrderingKey = "customer-7" }, CancellationToken.None);
        var record = Consume(harness).Message;
        Assert.Equal("plain", Encoding.UTF8.GetString(record.Value));
        Assert.Equal("customer-7", Encoding.UTF8.GetString(record.Key));
        Assert.Equal(
            [("eb.id", message.GetId()), ("eb.m.", "unnamed"), ("eb.m.eb.id", "not mine"), ("eb.source", "tests"), ("tenant", "acme")],
            record.Headers.Where(static h => h.Key != "eb.time").Select(static h => (h.Key, Encoding.UTF8.GetString(h.GetValueBytes()))).Order());
        Assert.Equal(message.GetTimestamp().ToDateTimeOffset().ToUnixTimeMilliseconds(), record.Timestamp.UnixTimestampMs);

        // And it comes back as it went.
        var subscriber = await Harness.SubscribeAsync(host, new SubscribeOptions { Start = StartPosition.Beginning });
        var back = (await subscriber.TakeOneAsync()).Message;
        Assert.Equal(message.GetMetadata(), back.GetMetadata());
    }

    [Fact]
    public async Task A_metadata_entry_named_in_the_settings_is_the_key()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.KeyMetadata = "customer");
        await host.PublishAsync("e", new TransportMessage(harness.Message("a", KeyValuePair.Create("customer", "7"))), CancellationToken.None);
        Assert.Equal("7", Encoding.UTF8.GetString(Consume(harness).Message.Key));
    }

    [Fact]
    public async Task A_record_larger_than_this_broker_would_write_is_read()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync(change: static s => s.MaxMessageBytes = 2_000);
        var worker = await Harness.JoinAsync(host);
        await ProduceAsync(harness, new Message<byte[], byte[]> { Value = new byte[500_000] });
        await harness.PublishAsync(host, "a");
        Assert.Equal(500_000, (await worker.TakeOneAsync()).Message.GetPayload().Length);
        Assert.Equal("a", await worker.CompleteNextAsync());
    }

    /// <summary>The end of a transaction takes an offset, as what compaction left out did: there is a gap between two messages.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task What_takes_an_offset_and_is_no_message_is_passed_over_and_holds_nothing_up()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var host = await harness.StartHostWithEventAsync();
        var worker = await Harness.JoinAsync(host);
        var everybody = await Harness.SubscribeAsync(host);
        await harness.PublishAsync(host, "a");
        await ControlRecords.WriteAsync(harness.Cluster.BootstrapServers, harness.Prefix + "e");
        await ControlRecords.WriteAsync(harness.Cluster.BootstrapServers, harness.Prefix + "e");
        await harness.PublishAsync(host, "b");
        await ControlRecords.WriteAsync(harness.Cluster.BootstrapServers, harness.Prefix + "e");
        foreach (var subscriber in new[] { worker, everybody })
        {
            var taken = await subscriber.TakeAsync(2);
            Assert.Equal([("a", 0), ("b", 0)], taken.Select(static d => (TestSubscriber.Text(d), d.Missed)));
            if (subscriber == worker)
            {
                Assert.All(await worker.CompleteAsync(taken), static o => Assert.Equal(SettlementOutcome.Done, o));
            }
        }

        // Also the last one, behind which nothing comes.
        await Harness.UntilAsync(async () => await harness.GetCommittedAsync() == 5);
        var group = Assert.Single((await host.DescribeAsync("e", CancellationToken.None)).Groups);
        Assert.Equal((0, 0), (group.Lag, group.Unsettled));

        // Moved back, it comes to the same end each time, also where the end is read while the message before it is being settled.
        for (var round = 0; round < 20; round++)
        {
            var request = new SeekRequest { Kind = PlaceKind.WorkerGroup, Name = "g", Position = StartPosition.Beginning };
            await host.SeekAsync("e", request, CancellationToken.None);
            Assert.All(await worker.CompleteAsync(await worker.TakeAsync(2)), static o => Assert.Equal(SettlementOutcome.Done, o));
            await Harness.UntilAsync(async () => await harness.GetCommittedAsync() == 5);
        }
    }

    private static async Task ProduceAsync(Harness harness, Message<byte[], byte[]> message)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = harness.Cluster.BootstrapServers }).Build();
        await producer.ProduceAsync(harness.Prefix + "e", message);
    }

    private static ConsumeResult<byte[], byte[]> Consume(Harness harness)
    {
        var config = new ConsumerConfig { BootstrapServers = harness.Cluster.BootstrapServers, GroupId = "other", FetchWaitMaxMs = 5 };
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        consumer.Assign(new TopicPartitionOffset(harness.Prefix + "e", 0, Offset.Beginning));
        var result = consumer.Consume(Harness.Patience);
        consumer.Close();
        return result ?? throw new TimeoutException();
    }
}
