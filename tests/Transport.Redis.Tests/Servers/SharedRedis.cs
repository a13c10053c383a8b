using EventBroker.Transport.Redis.Tests.Servers;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>One backend of each kind for all tests that do nothing to it, started by the first and ended after the last.</summary>
public sealed class SharedRedis : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static Task<RedisServer>? _server;
    private static Task<RedisCluster>? _cluster;
    private static Task<RedisSentinel>? _sentinel;

    internal static Task<RedisServer> GetAsync()
    {
        lock (Gate)
        {
            return _server ??= RedisServer.StartAsync();
        }
    }

    internal static Task<RedisCluster> GetClusterAsync()
    {
        lock (Gate)
        {
            return _cluster ??= RedisCluster.StartAsync();
        }
    }

    internal static Task<RedisSentinel> GetSentinelAsync()
    {
        lock (Gate)
        {
            return _sentinel ??= RedisSentinel.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisposeAsync(_server);
        await DisposeAsync(_cluster);
        await DisposeAsync(_sentinel);
    }

    private static async ValueTask DisposeAsync<T>(Task<T>? backend)
        where T : IAsyncDisposable
    {
        if (backend is not null)
        {
            await (await backend).DisposeAsync();
        }
    }
}
