using System.Diagnostics.Metrics;
using System.Globalization;
using Benchmarks.Loads;
using Benchmarks.Servers;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Benchmarks.Backends;

/// <summary>Redis: XADD, XREADGROUP and XACK by StackExchange.Redis; with ids, a key for each of them before it (SET NX PX).</summary>
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

    public ILoad PublishByClient(int inFlight, bool hasIds)
    {
        var number = 0L;
        return new BackendPublishes(hasIds ? AddOnceAsync : AddAsync, inFlight);

        Task AddAsync(EncodedMessage message) =>
            Database.StreamAddAsync(Stream, Field, message.Bytes, maxLength: 1_000_000, useApproximateMaxLength: true);

        async Task AddOnceAsync(EncodedMessage message)
        {
            var id = Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture);
            if (await Database.StringSetAsync("id:" + id, RedisValue.EmptyString, TimeSpan.FromMinutes(2), When.NotExists))
                await AddAsync(message);
        }
    }

    public async Task<ILoad> ConsumeByClientAsync()
    {
        await Database.StreamCreateConsumerGroupAsync(Stream, Group, "$", createStream: true);
        var payload = new byte[428];
        return new BackendConsumes(
            () => Task.WhenAll(Enumerable.Range(0, BackendConsumes.Batch).Select(_ => Database.StreamAddAsync(Stream, Field, payload))),
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
