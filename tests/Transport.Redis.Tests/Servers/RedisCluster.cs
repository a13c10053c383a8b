using System.Globalization;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>Three masters on loopback that share the slots.</summary>
internal sealed class RedisCluster : IRedisBackend
{
    private const int Slots = 16_384;

    private readonly RedisServer[] _nodes;

    private RedisCluster(RedisServer[] nodes) => _nodes = nodes;

    public string ConnectionString => string.Join(',', _nodes.Select(static n => n.Address));

    public int? WirePort => null;

    public static async Task<RedisCluster> StartAsync()
    {
        var nodes = new RedisServer[3];
        for (var i = 0; i < nodes.Length; i++)
        {
            using var reserved = new ReservedPort();
            var bus = reserved.EndPoint.Port.ToString(CultureInfo.InvariantCulture);
            nodes[i] = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-require-full-coverage", "yes");
            nodes[i].BusPort = bus;
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            await using var connection = await nodes[i].ConnectAsync();
            var server = connection.GetServers()[0];
            await server.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Slots * i / 3, (Slots * (i + 1) / 3) - 1);
            foreach (var other in nodes.Where((_, at) => at != i))
            {
                await server.ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", other.Port, other.BusPort);
            }
        }

        foreach (var node in nodes)
        {
            await Harness.UntilAsync(async () =>
            {
                await using var connection = await node.ConnectAsync();
                var info = (await connection.GetServers()[0].ExecuteAsync("CLUSTER", "INFO")).ToString();
                return info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal);
            });
        }

        return new RedisCluster(nodes);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
