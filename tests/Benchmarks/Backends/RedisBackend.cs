using System.Diagnostics.Metrics;
using Benchmarks.Loads;
using Benchmarks.Servers;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Benchmarks.Backends;

/// <summary>Redis: XADD, XREADGROUP and XACK by StackExchange.Redis.</summary>
internal sealed class RedisBackend : IBackend
{
    private const string Stream = "bench";
    private const string Group = "bench";
    private static readonly RedisValue Field = "m";

    private readonly RedisProcess _server;
    private readonly Meter _meter;
    private readonly RedisTransport _transport;
    private readonly ConnectionMultiplexer _connection;

    private RedisBackend(RedisProcess server, Meter meter, RedisTransport transport, ConnectionMultiplexer connection) =>
        (_server, _meter, _transport, _connection) = (server, meter, transport, connection);

    public ITransport Transport => _transport;

    private IDatabase Database => _connection.GetDatabase();

    public static async Task<IBackend> StartAsync(CancellationToken cancellation)
    {
        var server = await RedisProcess.StartAsync(cancellation);
        var meter = new Meter("benchmarks");
        var transport = await RedisTransport.StartAsync(
            "redis", new RedisSettings { ConnectionString = server.Address }, TimeProvider.System, meter, NullLogger.Instance, cancellation);
        return new RedisBackend(server, meter, transport, await ConnectionMultiplexer.ConnectAsync(server.Address));
    }

    public ILoad PublishByClient(int inFlight) => new BackendPublishes(
        message => Database.StreamAddAsync(Stream, Field, message.Bytes, maxLength: 1_000_000, useApproximateMaxLength: true), inFlight);

    public async Task<ILoad> ConsumeByClientAsync()
    {
        await Database.StreamCreateConsumerGroupAsync(Stream, Group, "$", createStream: true);
        var payload = new byte[428];
        return new BackendConsumes(
            async messages =>
            {
                for (var left = messages; left > 0; left -= BackendConsumes.Batch)
                    await Task.WhenAll(Enumerable.Range(0, BackendConsumes.Batch).Select(_ => Database.StreamAddAsync(Stream, Field, payload)));
            },
            async messages =>
            {
                var acks = new List<Task>();
                for (var left = messages; left > 0;)
                {
                    var entries = await Database.StreamReadGroupAsync(Stream, Group, "c", ">", BackendConsumes.Batch);
                    acks.Add(Database.StreamAcknowledgeAsync(Stream, Group, Array.ConvertAll(entries, static e => e.Id)));
                    left -= entries.Length;
                }

                await Task.WhenAll(acks);
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        await _connection.DisposeAsync();
        _meter.Dispose();
        await _server.DisposeAsync();
    }
}
