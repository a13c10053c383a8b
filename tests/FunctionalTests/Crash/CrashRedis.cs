using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.FunctionalTests.Crash;

// A redis-server that writes down each change before it answers.
internal sealed class CrashRedis : ICrashBackend, IAsyncDisposable
{
    // The members of the last lives, and whoever owns what waits: six. Twice as many, since the dead are forgotten after a while only.
    private const int MaxConsumers = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RedisServer _server;

    private CrashRedis(RedisServer server, int kills) => (_server, Kills) = (server, kills);

    public int Kills { get; }

    // As plugins.json names it.
    public string Transport => $$"""
        { "plugin": "redis", "settings": {
            "connectionString": "{{_server.Address}}", "idleLimit": "3s", "deduplicationWindow": "1h", "maxBytesPerEvent": "8GiB" } }
        """;

    public static async Task<CrashRedis> StartAsync(int kills) =>
        new(await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always"), kills);

    public void Kill() => _server.Kill();

    public Task EndedAsync() => _server.EndedAsync();

    public Task StartAgainAsync() => _server.StartAgainAsync();

    // However many brokers have died, their consumers are not left behind.
    public async Task CheckAsync()
    {
        await using var connection = await _server.ConnectAsync();
        var began = TimeProvider.System.GetTimestamp();
        foreach (var group in await connection.GetDatabase().StreamGroupInfoAsync("eb:{crash}"))
        {
            while ((await connection.GetDatabase().StreamConsumerInfoAsync("eb:{crash}", group.Name)).Length > MaxConsumers)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"{group.Name} keeps consumers of brokers that have died");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
