using System.Globalization;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.FunctionalTests.Crash;

public sealed class CrashTests(ITestOutputHelper output)
{
    // For more by hand: EVENTBROKER_CRASHES=200, and EVENTBROKER_SEED to choose other moments.
    private static readonly int Kills = Number("EVENTBROKER_CRASHES", 20);
    private static readonly int KillsOverBackend = Number("EVENTBROKER_CRASHES", 4);
    private static readonly int Seed = Number("EVENTBROKER_SEED", 1);

    [Fact]
    public async Task Killed_again_and_again_the_broker_loses_nothing_acknowledged_and_repeats_nothing_settled()
    {
        await using var broker = new BrokerProcess();
        await new CrashRun([broker], Kills, Seed).RunAsync(output);
    }

    // Two brokers over one Redis, which dies once for every four of their deaths.
    [Fact]
    public async Task Killed_with_their_redis_two_brokers_lose_nothing_acknowledged_and_repeat_nothing_settled()
    {
        await using var redis = await CrashRedis.StartAsync(Math.Max(1, KillsOverBackend / 4));
        await using var one = new BrokerProcess(transport: redis.Transport);
        await using var other = new BrokerProcess(transport: redis.Transport);
        await new CrashRun([one, other], KillsOverBackend, Seed, redis).RunAsync(output);
    }

    // Two brokers over one nats-server.
    [Fact]
    public async Task Killed_over_jetstream_two_brokers_lose_nothing_acknowledged_and_repeat_nothing_settled()
    {
        await using var nats = await CrashNats.StartAsync();
        await using var one = new BrokerProcess(transport: nats.Transport);
        await using var other = new BrokerProcess(transport: nats.Transport);
        await new CrashRun([one, other], KillsOverBackend, Seed, nats).RunAsync(output);
    }

    // Two brokers over a mock cluster of Kafka, which goes down once for every four of their deaths.
    [Fact]
    public async Task Killed_over_kafka_two_brokers_lose_nothing_acknowledged_and_repeat_nothing_settled()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("EVENTBROKER_KAFKA_CRASHES") == "1",
            "Takes two minutes and more on a busy machine, since the mock's rebalances wait for a session: set EVENTBROKER_KAFKA_CRASHES=1.");
        await using var kafka = await CrashKafka.StartAsync(Math.Max(1, KillsOverBackend / 4));
        await using var one = new BrokerProcess(transport: kafka.Transport);
        await using var other = new BrokerProcess(transport: kafka.Transport);
        await new CrashRun([one, other], KillsOverBackend, Seed, kafka).RunAsync(output);
    }

    // Two brokers over three nats-servers, of which the one that leads dies once for every four of theirs. By hand: it takes long, and needs
    // EVENTBROKER_NATS_CLUSTER=1. Servers of 2.9 answer an ack before the others have it, so that now and then a settled message comes again there.
    [Fact]
    public async Task Killed_with_the_leader_of_a_nats_cluster_two_brokers_lose_nothing_acknowledged_and_repeat_nothing_settled()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("EVENTBROKER_NATS_CLUSTER") == "1", "Takes three nats-servers, and long: set EVENTBROKER_NATS_CLUSTER=1.");
        await using var nats = await CrashNatsCluster.StartAsync(Math.Max(1, KillsOverBackend / 4));
        await using var one = new BrokerProcess(transport: nats.Transport);
        await using var other = new BrokerProcess(transport: nats.Transport);
        await new CrashRun([one, other], KillsOverBackend, Seed, nats).RunAsync(output);
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
