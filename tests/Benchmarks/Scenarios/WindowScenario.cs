using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Scenarios;

/// <summary>Compares what a settlement costs a broker that allows large windows: with 100 000 messages in flight on one subscription, and with
/// as many on a hundred subscriptions of 1000 each.</summary>
internal sealed class WindowScenario(string name, IReadOnlyList<Goal> goals, DeliveryMode mode) : Scenario(name, goals)
{
    private const int Large = 100_000;
    private const int Small = 1_000;

    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var server = await MeteredServer.StartAsync(run.StartBrokerAsync(Large, cancellation), cancellation);
        await using var largeLoad = await OpenAsync(server, Large, cancellation);
        await using var smallLoad = await OpenAsync(server, Small, cancellation);
        var large = new LoadMeter(server, largeLoad, run.Settings);
        var small = new LoadMeter(server, smallLoad, run.Settings);
        await large.WarmUpAsync(cancellation);
        await small.WarmUpAsync(cancellation);

        var largeSamples = new List<Sample>();
        var smallSamples = new List<Sample>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            var allocations = round == run.Settings.Rounds - 1;
            largeSamples.Add(await large.MeasureAsync(allocations, cancellation));
            smallSamples.Add(await small.MeasureAsync(allocations, cancellation));
        }

        await Console.Error.WriteLineAsync($"{Name}: of {Large} in flight, {largeLoad.Lateness}; of {Small}, {smallLoad.Lateness}");
        return new LineResult(Name, "CPU µs/settlement", largeSamples, smallSamples)
        {
            Latest = Math.Max(largeLoad.Lateness.Latest, smallLoad.Lateness.Latest),
        };
    }

    private async Task<NackedDeliveries> OpenAsync(MeteredServer server, int window, CancellationToken cancellation)
    {
        var eventName = $"bench.window.{window}";
        await BenchmarkRun.RegisterEventAsync(server.Process, eventName, cancellation);
        return await NackedDeliveries.OpenAsync(server.Process, eventName, mode, Large / window, window, cancellation);
    }
}
