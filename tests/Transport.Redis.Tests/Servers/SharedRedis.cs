using EventBroker.Transport.Redis.Tests.Servers;

[assembly: AssemblyFixture(typeof(SharedRedis))]

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>One redis-server for all tests that do nothing to it, started by the first and ended after the last.</summary>
public sealed class SharedRedis : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> Server = new(static () => RedisServer.StartAsync());

    internal static Task<RedisServer> GetAsync() => Server.Value;

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated)
        {
            await (await Server.Value).DisposeAsync();
        }
    }
}
