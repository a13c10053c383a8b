using System.Globalization;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>A master with a replica, watched by one Sentinel.</summary>
internal sealed class RedisSentinel : IRedisBackend
{
    private RedisSentinel(RedisServer master, RedisServer replica, RedisServer sentinel)
    {
        Master = master;
        Replica = replica;
        Sentinel = sentinel;
    }

    /// <summary>Gets the master of the beginning.</summary>
    public RedisServer Master { get; }

    /// <summary>Gets the replica of the beginning.</summary>
    public RedisServer Replica { get; }

    public RedisServer Sentinel { get; }

    public string ConnectionString => Sentinel.Address + ",serviceName=mymaster";

    public int? WirePort => null;

    public static async Task<RedisSentinel> StartAsync(TimeSpan downAfter)
    {
        var master = await RedisServer.StartAsync();
        var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1 " + master.Port.ToString(CultureInfo.InvariantCulture));
        var sentinel = await WatchAsync(master, downAfter);
        await using var connection = await master.ConnectAsync();
        var server = connection.GetServers()[0];
        await Harness.UntilAsync(async () =>
            (await server.ExecuteAsync("INFO", "replication")).ToString().Contains("state=online", StringComparison.Ordinal));

        // The Sentinel learns of the replica from the master; before that it has nothing to fail over to.
        await using var watching = await ConnectionMultiplexer.SentinelConnectAsync(sentinel.Address);
        await Harness.UntilAsync(async () =>
            (await watching.GetServers()[0].ExecuteAsync("SENTINEL", "replicas", "mymaster")).Length > 0);
        return new RedisSentinel(master, replica, sentinel);
    }

    /// <summary>Starts a Sentinel for a master, which it takes for gone when it has not answered for so long.</summary>
    public static Task<RedisServer> WatchAsync(RedisServer master, TimeSpan downAfter) => RedisServer.StartSentinelAsync(
        $"sentinel monitor mymaster 127.0.0.1 {master.Port} 1",
        $"sentinel down-after-milliseconds mymaster {(int)downAfter.TotalMilliseconds}",
        "sentinel failover-timeout mymaster 5000");

    /// <summary>Tells whether Sentinel sends clients to the replica of the beginning: from then on it is the master, whatever comes back.</summary>
    public async Task<bool> HasFailedOverAsync()
    {
        try
        {
            await using var watching = await ConnectionMultiplexer.SentinelConnectAsync(Sentinel.Address);
            var master = (string[]?)await watching.GetServers()[0].ExecuteAsync("SENTINEL", "get-master-addr-by-name", "mymaster");
            return master?[1] == Replica.Port.ToString(CultureInfo.InvariantCulture);
        }
        catch (RedisTimeoutException)
        {
            // Nothing has been told: whoever waits for it asks again.
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sentinel.DisposeAsync();
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
    }
}
