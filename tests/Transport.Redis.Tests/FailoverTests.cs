using System.Globalization;
using EventBroker.Loads.Tests;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Tests.Servers;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>A publish that waits for replicas.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task A_failover_under_load_loses_nothing_that_was_acknowledged()
    {
        await using var sentinel = await RedisSentinel.StartAsync();
        await using var harness = Harness.Over(sentinel.Master);
        var host = await StartAsync();
        var other = await StartAsync();
        var load = await Load.BeginAsync(host, "one", "other");
        load.Publish(host, 3);
        load.Publish(other, 1);
        _ = load.Consume(host);
        _ = load.Consume(other);
        await load.ComesOnAsync();
        await sentinel.Master.KillAsync();

        // It comes back as a master without anything; Sentinel makes a replica of it, and only then is there one to wait for. A Sentinel that
        // has not yet seen the other one as the master would take it for what it was, and make an empty replica of the other one.
        await sentinel.FailOverAsync();
        await sentinel.Master.StartAgainAsync();
        await load.ComesOnAsync();
        await load.AllArriveAsync();
        await load.EndWorkersAsync();
        var (missing, twice) = await load.CompareAsync(host);
        Assert.Empty(missing);
        Assert.Empty(twice);

        Task<RedisTransport> StartAsync() => harness.StartHostAsync(s => (s.ConnectionString, s.Replicas) = (sentinel.ConnectionString, 1));
    }

    [Fact]
    public async Task A_sentinel_that_stands_still_holds_up_nothing_while_another_one_answers()
    {
        await using var sentinel = await RedisSentinel.StartAsync();
        await using var second = await RedisSentinel.WatchAsync(sentinel.Master);
        await using var harness = Harness.Over(sentinel.Master);
        var host = await harness.StartHostAsync(s => s.ConnectionString = $"{second.Address},{sentinel.ConnectionString}");
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        foreach (var stopped in (RedisServer[])[sentinel.Sentinel, second])
        {
            stopped.Stop();
            await (await harness.GetDatabaseAsync()).ExecuteAsync("FLUSHALL");

            // Whether the server has lost the event is believed only of the master.
            await harness.PublishAsync(host, "e", "after");
            stopped.Continue();
        }
    }

    /// <summary>A connection that was made before, after, or in between must not take an older state for the replicas'.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task A_replica_that_stands_still_fails_the_publish_and_holds_up_nothing_else()
    {
        await using var harness = await Harness.StartServerAsync();
        await using var replica = await StartReplicaAsync(harness.Server);
        var host = await harness.StartHostAsync(static s => (s.Replicas, s.ReplicaTimeout) = (1, TimeSpan.FromSeconds(8)));
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(host, "e", "a", "b");
        var worker = await Harness.JoinAsync(host, "e", consumerId: "");
        await harness.PublishAsync(host, "e", "c");
        replica.Stop();
        var publishing = host.PublishAsync("e", new TransportMessage(harness.Message("d", "d")), CancellationToken.None).AsTask();

        // Nothing waits behind it: both are delivered and settled, the second before its publisher hears anything.
        Assert.Equal("c", await worker.CompleteNextAsync());
        Assert.Equal("d", await worker.CompleteNextAsync());
        Assert.False(publishing.IsCompleted);
        Assert.Equal(BrokerErrorCode.Unavailable, (await Assert.ThrowsAsync<BrokerException>(() => publishing)).Code);

        // What is there already is not safe, either.
        Assert.Equal(BrokerErrorCode.Unavailable, (await Assert.ThrowsAsync<BrokerException>(() => PublishAgainAsync(host))).Code);
        var fresh = await harness.StartHostAsync(static s => (s.Replicas, s.ReplicaTimeout) = (1, TimeSpan.FromSeconds(1)));
        Assert.Equal(BrokerErrorCode.Unavailable, (await Assert.ThrowsAsync<BrokerException>(() => PublishAgainAsync(fresh))).Code);
        replica.Continue();
        Assert.True((await PublishAgainAsync(host)).IsDuplicate);

        Task<PublishReceipt> PublishAgainAsync(RedisTransport at) =>
            at.PublishAsync("e", new TransportMessage(harness.Message("d", "d")), CancellationToken.None).AsTask();
    }

    private static async Task<RedisServer> StartReplicaAsync(RedisServer master)
    {
        var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1 " + master.Port.ToString(CultureInfo.InvariantCulture));
        await using var connection = await master.ConnectAsync();
        await Harness.UntilAsync(async () =>
            (await connection.GetServers()[0].ExecuteAsync("INFO", "replication")).ToString().Contains("state=online", StringComparison.Ordinal));
        return replica;
    }
}
