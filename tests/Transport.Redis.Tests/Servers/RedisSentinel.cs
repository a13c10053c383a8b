using System.Globalization;
using System.Net;
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

    public static async Task<RedisSentinel> StartAsync()
    {
        var master = await RedisServer.StartAsync();
        var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1 " + master.Port.ToString(CultureInfo.InvariantCulture));
        var sentinel = await WatchAsync(master);
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

    /// <summary>Starts a Sentinel for a master. It fails over when a test tells it to and never by itself: a machine that stands still for a
    /// moment would be taken for a master that is gone, and what had come back empty made the master.</summary>
    public static Task<RedisServer> WatchAsync(RedisServer master) => RedisServer.StartSentinelAsync(
        $"sentinel monitor mymaster 127.0.0.1 {master.Port} 1",
        "sentinel down-after-milliseconds mymaster 600000");

    /// <summary>Lets Sentinel make the replica of the beginning the master, as it does when it misses the old one.</summary>
    /// <returns>A task that ends when it sends clients there: from then on that is the master, whatever comes back.</returns>
    public async Task FailOverAsync()
    {
        await using var watching = await ConnectionMultiplexer.SentinelConnectAsync(Sentinel.Address);
        var sentinel = watching.GetServers()[0];
        await Harness.UntilAsync(async () =>
        {
            try
            {
                if (await sentinel.SentinelGetMasterAddressByNameAsync("mymaster") is IPEndPoint master && master.Port == Replica.Port)
                {
                    return true;
                }

                await sentinel.SentinelFailoverAsync("mymaster");
            }
            catch (RedisTimeoutException)
            {
                // Nothing has been told: it is asked again.
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOGOODSLAVE", StringComparison.Ordinal)
                || exception.Message.StartsWith("INPROG", StringComparison.Ordinal))
            {
                // It has not heard enough of the replica yet, or is at it.
            }

            return false;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Sentinel.DisposeAsync();
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
    }
}
