using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Settings;
using EventBroker.Transport.Redis.Tests.Servers;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests.Conformance;

/// <summary>Transports over a backend that all tests of its kind share, with keys of their own. Where clients are told no other addresses
/// each has a wire that can be cut.</summary>
public abstract class RedisFixture : TransportFixture, IAsyncDisposable
{
    private readonly CountingLogger _log = new();
    private readonly Meter _meter = new("tests");
    private readonly List<Wire> _wires = [];

    // Not what keeps a transport alive.
    private readonly ConditionalWeakTable<ITransport, Wire> _wireOf = [];
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n");
    private ConnectionMultiplexer? _direct;

    public override async ValueTask<ITransport> CreateAsync() => await StartAsync();

    public override async ValueTask<ITransport?> CreateSecondAsync() => await StartAsync();

    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await StartAsync();
    }

    public override async ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count)
    {
        // As retention does it.
        var database = await GetDirectAsync();
        var stream = Key(eventName);
        var length = await database.StreamLengthAsync(stream);
        await database.StreamTrimAsync(stream, (int)(length - count));
        return true;
    }

    // As another host takes what was not renewed, with the difference that the loser is alive and must not get it back.
    public override async ValueTask<bool> TakeLeasesAsync(ITransport transport, string eventName, PlaceKind kind, string name)
    {
        var database = await GetDirectAsync();
        var stream = Key(eventName);
        var group = (kind == PlaceKind.WorkerGroup ? "g:" : "c:") + name;
        foreach (var consumer in await database.StreamConsumerInfoAsync(stream, group))
        {
            if (consumer.Name == "waiting" || consumer.PendingMessageCount == 0)
            {
                continue;
            }

            var pending = await database.StreamPendingMessagesAsync(stream, group, 1000, consumer.Name);
            foreach (var entry in pending)
            {
                var padded = string.Join('-', entry.MessageId.ToString().Split('-').Select(static p => p.PadLeft(20, '0')));
                await database.HashSetAsync($"{stream}:place:{group}", "x" + padded, consumer.Name + "|9000000000000000");
                await database.SortedSetAddAsync($"{stream}:due:{group}", padded, 0);
            }

            var ids = pending.Select(static p => p.MessageId).ToArray();
            await database.StreamClaimIdsOnlyAsync(stream, group, "waiting", 0, ids);
            await database.PublishAsync(
                RedisChannel.Literal($"{stream}:wake:0"), $"l{group}\n{consumer.Name}\n{string.Join(' ', pending.Select(static p => $"{p.MessageId}:{p.DeliveryCount}"))}");
            await database.PublishAsync(RedisChannel.Literal($"{stream}:wake:0"), "d" + group);
        }

        return true;
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable)
    {
        if (!_wireOf.TryGetValue(transport, out var wire))
        {
            return ValueTask.FromResult(false);
        }

        if (isReachable)
        {
            wire.Mend();
        }
        else
        {
            wire.Cut();
        }

        return ValueTask.FromResult(true);
    }

    public override int? CountLogLines() => _log.Lines.Count;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }

        await (_direct?.DisposeAsync() ?? ValueTask.CompletedTask);
        _meter.Dispose();
    }

    private protected abstract Task<IRedisBackend> GetBackendAsync();

    private string Key(string eventName) => $"{_prefix}:{{{eventName}}}";

    private async Task<IDatabase> GetDirectAsync()
    {
        _direct ??= await ConnectionMultiplexer.ConnectAsync((await GetBackendAsync()).ConnectionString);
        return _direct.GetDatabase();
    }

    private async Task<ITransport> StartAsync()
    {
        var backend = await GetBackendAsync();
        var wire = backend.WirePort is { } port ? new Wire(port) : null;
        var settings = new RedisSettings
        {
            ConnectionString = wire?.Address ?? backend.ConnectionString,
            KeyPrefix = _prefix,
            IdleLimit = TimeSpan.FromSeconds(3),
            PollInterval = TimeSpan.FromSeconds(1),

            // No test waits for it, and a busy machine stands still for longer than one would think.
            Timeout = TimeSpan.FromSeconds(15),
        };
        var transport = await RedisTransport.StartAsync("redis", settings, TimeProvider.System, _meter, _log, CancellationToken.None);
        if (wire is not null)
        {
            _wires.Add(wire);
            _wireOf.Add(transport, wire);
        }

        return transport;
    }
}
