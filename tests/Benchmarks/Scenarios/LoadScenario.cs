using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using Benchmarks.Servers;

namespace Benchmarks.Scenarios;

/// <summary>Compares what the same load costs the broker and the bare server.</summary>
internal sealed class LoadScenario(
    string name, IReadOnlyList<Goal> goals, Func<ServerProcess, string, CancellationToken, Task<ILoad>> open) : Scenario(name, goals)
{
    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var eventName = await run.RegisterEventAsync(cancellation);
        await using var brokerLoad = await open(run.Broker.Process, eventName, cancellation);
        await using var bareLoad = await open(run.Bare.Process, eventName, cancellation);
        var broker = new LoadMeter(run.Broker, brokerLoad, run.Settings);
        var bare = new LoadMeter(run.Bare, bareLoad, run.Settings);
        await broker.WarmUpAsync(cancellation);
        await bare.WarmUpAsync(cancellation);

        var brokerSamples = new List<Sample>();
        var bareSamples = new List<Sample>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            // The counter of allocations is read up to 0.4 s late, which makes it too slow for every round.
            var allocations = round == run.Settings.Rounds - 1;
            brokerSamples.Add(await broker.MeasureAsync(allocations, cancellation));
            bareSamples.Add(await bare.MeasureAsync(allocations, cancellation));
        }

        return new LineResult(Name, "CPU µs/message", brokerSamples, bareSamples);
    }
}
