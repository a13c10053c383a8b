using System.Diagnostics.Metrics;
using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using Benchmarks.Servers;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Benchmarks.Scenarios;

/// <summary>Compares what the same work over Redis costs a program through the transport and through StackExchange.Redis alone. Both talk to one
/// redis-server; what is measured is this process.</summary>
internal sealed class RedisScenario(
    string name, IReadOnlyList<Goal> goals, Func<RedisTransport, string, Task<ILoad>> openTransport, Func<IDatabase, string, Task<ILoad>> openClient)
    : Scenario(name, goals)
{
    private const string Event = "bench";

    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var redis = await RedisProcess.StartAsync(cancellation);
        using var meter = new Meter("benchmarks");
        await using var transport = await RedisTransport.StartAsync(
            "redis", new RedisSettings { ConnectionString = redis.Address }, TimeProvider.System, meter, NullLogger.Instance, cancellation);
        await transport.RegisterAsync(Event, EventOptions.None, cancellation);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await using var transportLoad = await openTransport(transport, Event);
        await using var clientLoad = await openClient(connection.GetDatabase(), "bench");
        var ours = new LoadMeter(Environment.ProcessId, OwnAllocations.ReadAsync, transportLoad, run.Settings);
        var theirs = new LoadMeter(Environment.ProcessId, OwnAllocations.ReadAsync, clientLoad, run.Settings);
        await ours.WarmUpAsync(cancellation);
        await theirs.WarmUpAsync(cancellation);

        var oursSamples = new List<Sample>();
        var theirsSamples = new List<Sample>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            oursSamples.Add(await ours.MeasureAsync(allocations: true, cancellation));
            theirsSamples.Add(await theirs.MeasureAsync(allocations: true, cancellation));
        }

        return new LineResult(Name, "client CPU µs/message", oursSamples, theirsSamples);
    }
}
