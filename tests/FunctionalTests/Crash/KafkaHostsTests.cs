using System.Globalization;
using System.Net;
using System.Text.Json;
using Confluent.Kafka;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Kafka.Shared;

namespace EventBroker.FunctionalTests.Crash;

// Two brokers share a worker group over six partitions, of which one dies, stands still or starts anew.
public sealed class KafkaHostsTests : IAsyncLifetime
{
    private const int Count = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("EVENTBROKER_KAFKA_HOLD") ?? "4", CultureInfo.InvariantCulture));

    private MockProcess _mock = null!;
    private MockCluster _cluster = null!;
    private int _count;
    private BrokerProcess _one = null!;
    private BrokerProcess _other = null!;
    private ServedBroker _atOne = null!;
    private ServedBroker _atOther = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of signals are those of Linux.");
        _mock = MockProcess.Start();
        var cluster = _cluster = await _mock.NewClusterAsync();
        await cluster.CreateTopicAsync("eb.e", partitions: 6);
        await cluster.CreateTopicAsync("eb.single");
        _one = new BrokerProcess(transport: KafkaSettings.Of(cluster, maxPoll: Hold / 6 > Session ? Hold / 6 : Session));
        _other = new BrokerProcess(transport: KafkaSettings.Of(cluster, maxPoll: Hold / 6 > Session ? Hold / 6 : Session));
        await Task.WhenAll(_one.StartAsync(), _other.StartAsync());
        _atOne = new ServedBroker(_one);
        _atOther = new ServedBroker(_other);
    }

    public async ValueTask DisposeAsync()
    {
        await (_atOne?.DisposeAsync() ?? default);
        await (_atOther?.DisposeAsync() ?? default);
        await (_one?.DisposeAsync() ?? default);
        await (_other?.DisposeAsync() ?? default);
        await (_mock?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task The_partitions_of_a_killed_broker_go_to_the_other_with_what_it_held()
    {
        await using var here = await OpenAsync(_atOne);
        var held = await PublishAndHoldAsync(here);
        await using var there = await OpenAsync(_atOther);
        _one.Kill();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < Count)
        {
            var received = await there.ReadAsync().WaitAsync(Patience);
            Assert.True(received.RetryCount > 0 || !held.ContainsKey(received.Id), $"{received.Id} came with count {received.RetryCount}");
            if (await there.SettleAsync(received.AckId) == "settled")
            {
                Assert.True(seen.Add(received.Id), $"{received.Id} came again after it was settled");
            }
        }
    }

    [Fact]
    public async Task A_broker_that_stood_still_takes_nothing_back_and_goes_on()
    {
        await using var here = await OpenAsync(_atOne);
        var held = await PublishAndHoldAsync(here);
        await using var there = await OpenAsync(_atOther);
        Signals.Stop(_one.ProcessId);
        var settled = new HashSet<string>(StringComparer.Ordinal);
        while (settled.Count < Count)
        {
            var received = await there.ReadAsync().WaitAsync(Patience);
            if (await there.SettleAsync(received.AckId) == "settled")
            {
                Assert.True(settled.Add(received.Id), $"{received.Id} came again after it was settled");
            }
        }

        Signals.Continue(_one.ProcessId);
        foreach (var (id, ackId) in held)
        {
            var answer = await SettleAsync(here, ackId);
            Assert.True(answer == "expired", $"The settlement of {id} by who had lost it was answered with {answer}");
        }

        // Both go on: what is published now comes to one of them.
        await PublishAsync(Count, 12);
        var next = new[] { here.ReadAsync(), there.ReadAsync() };
        while (settled.Count < Count + 12)
        {
            var read = await Task.WhenAny(next).WaitAsync(Patience);
            var received = await read;
            var isHere = read == next[0];

            // While partitions go back to the one that has returned, what the other holds of them is taken away, and comes again.
            if (await (isHere ? here : there).SettleAsync(received.AckId) == "settled")
            {
                Assert.True(settled.Add(received.Id), $"{received.Id} came again after it was settled");
            }

            next[isHere ? 0 : 1] = (isHere ? here : there).ReadAsync();
        }
    }

    // Through an orderly end, a kill while another broker is in the group as well, and that one's end: counts never fall, and what is committed
    // stays before it.
    [Fact]
    public async Task A_message_that_is_nacked_every_time_outlives_brokers_and_is_never_passed()
    {
        await PublishAsync("single", "bad");
        await PublishAsync("single", "good");
        await using (var first = await OpenSingleAsync(_atOne))
        {
            var received = await first.ReadAsync().WaitAsync(Patience);
            Assert.Equal("bad", received.Id);
            var good = await first.ReadAsync().WaitAsync(Patience);
            Assert.Equal(("good", "settled"), (good.Id, await first.SettleAsync(good.AckId)));
            await NackAsync(first, received);
            await NackAsync(first, await first.ReadAsync().WaitAsync(Patience));
        }

        Signals.Terminate(_one.ProcessId);
        await _one.EndedAsync();
        await _one.StartAsync();
        await using (var second = await OpenSingleAsync(_atOne))
        await using (var joining = await OpenSingleAsync(_atOther))
        {
            // Whichever of them has the partition.
            var next = new[] { second.ReadAsync(), joining.ReadAsync() };
            for (var nacks = 0; nacks < 3;)
            {
                var read = await Task.WhenAny(next).WaitAsync(Patience);
                var stream = read == next[0] ? second : joining;
                nacks += await NackAsync(stream, await read) ? 1 : 0;
                next[read == next[0] ? 0 : 1] = stream.ReadAsync();
            }

            _one.Kill();
            while (!await NackAsync(joining, await next[1].WaitAsync(Patience)))
            {
                next[1] = joining.ReadAsync();
            }
        }

        Assert.True(_count >= 6, $"it has count {_count} after six nacks");
        Assert.Equal(0, CommittedOfSingle());
    }

    // For the numbers of an operator by hand: EVENTBROKER_KAFKA_HOLD=60, with 10 s between two polls at the most.
    [Fact]
    public async Task A_message_held_with_extensions_beyond_the_longest_poll_interval_is_settled_and_committed()
    {
        await PublishAsync("single", "slow");
        await using (var stream = await OpenSingleAsync(_atOne, TimeSpan.FromSeconds(20)))
        {
            // On a machine that holds the broker up for longer than its session, it begins anew.
            while (!await HoldAsync(stream, await stream.ReadAsync().WaitAsync(Patience)))
            {
            }
        }

        Assert.Equal(1, CommittedOfSingle());
    }

    // Whether it was still held at the end, and could be settled.
    private static async Task<bool> HoldAsync(StreamClient stream, Received held)
    {
        for (var begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < Hold;)
        {
            if (await stream.SettleAsync(held.AckId, extend: TimeSpan.FromSeconds(20)) != "settled")
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        return await SettleAsync(stream, held.AckId) == "settled";
    }

    // Where Kafka has not answered, it is asked again.
    private static async Task<string> SettleAsync(StreamClient stream, string ackId)
    {
        while (true)
        {
            var result = await stream.SettleAsync(ackId);
            if (result != "failed")
            {
                return result;
            }
        }
    }

    // Whether it was taken. It may be another broker's by now, and then comes there.
    private async Task<bool> NackAsync(StreamClient stream, Received received)
    {
        Assert.Equal("bad", received.Id);
        Assert.True(received.RetryCount >= _count, $"it came with count {received.RetryCount} and had {_count} before");
        var isTaken = await stream.SettleAsync(received.AckId, "never", TimeSpan.Zero) == "settled";
        _count = received.RetryCount + (isTaken ? 1 : 0);
        return isTaken;
    }

    private long CommittedOfSingle()
    {
        var config = new ConsumerConfig { BootstrapServers = _cluster.BootstrapServers, GroupId = "eb.g:single:n" };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        return Assert.Single(consumer.Committed([new TopicPartition("eb.single", 0)], Patience)).Offset;
    }

    private static Task<StreamClient> OpenSingleAsync(ServedBroker broker, TimeSpan? ackTimeout = null) => StreamClient.OpenAsync(
        broker,
        StreamProtocol.Grpc,
        StreamOptions.Of(StreamMode.WorkerPool) with { StartFrom = "beginning", AckTimeout = ackTimeout },
        "single");

    private static Task<StreamClient> OpenAsync(ServedBroker broker) => StreamClient.OpenAsync(
        broker, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool) with { MaxInFlight = Count + 1, StartFrom = "beginning" });

    private async Task<Dictionary<string, string>> PublishAndHoldAsync(StreamClient stream)
    {
        await PublishAsync(0, Count);
        var held = new Dictionary<string, string>(StringComparer.Ordinal);
        while (held.Count < Count)
        {
            var received = await stream.ReadAsync().WaitAsync(Patience);
            held[received.Id] = received.AckId;
        }

        // What settles one more notes that the others were handed over.
        await PublishAsync("e", "last");
        var last = await stream.ReadAsync().WaitAsync(Patience);
        Assert.Equal(("last", "settled"), (last.Id, await stream.SettleAsync(last.AckId)));
        return held;
    }

    private async Task PublishAsync(int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            await PublishAsync("e", i.ToString(CultureInfo.InvariantCulture));
        }
    }

    // The key, which stands in the metadata, spreads messages over the partitions. Those of one partition have none, so that none waits for another.
    private async Task PublishAsync(string eventName, string id)
    {
        var body = eventName == "e" ? JsonSerializer.Serialize(new { id, metadata = new { k = id } }) : JsonSerializer.Serialize(new { id });
        using var response = await _atOther.Http.PostTextAsync($"/v1/events/{eventName}/messages", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
