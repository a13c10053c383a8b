using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;

namespace Benchmarks.Scenarios;

/// <summary>Compares what the same work costs a program through the client package and through the generated client. Both talk to the
/// broker; what is measured is this process, or the broker.</summary>
internal sealed class ClientScenario(
    string name, IReadOnlyList<Goal> goals, Func<Uri, string, ILoad> openClient, Func<Uri, string, ILoad> openGenerated, bool ofBroker = false)
    : Scenario(name, goals)
{
    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var server = run.Broker.Process.Addresses.Grpc;
        await using var clientLoad = openClient(server, await run.RegisterEventAsync(cancellation));
        await using var generatedLoad = openGenerated(server, await run.RegisterEventAsync(cancellation));
        var client = Meter(run, clientLoad);
        var generated = Meter(run, generatedLoad);
        await client.WarmUpAsync(cancellation);
        await generated.WarmUpAsync(cancellation);

        var clientSamples = new List<Sample>();
        var generatedSamples = new List<Sample>();
        for (var round = 0; round < run.Settings.Rounds; round++)
        {
            clientSamples.Add(await client.MeasureAsync(allocations: true, cancellation));
            generatedSamples.Add(await generated.MeasureAsync(allocations: true, cancellation));
        }

        return new LineResult(Name, ofBroker ? "broker CPU µs/message" : "client CPU µs/message", clientSamples, generatedSamples);
    }

    private LoadMeter Meter(BenchmarkRun run, ILoad load) => ofBroker
        ? new LoadMeter(run.Broker, load, run.Settings)
        : new LoadMeter(Environment.ProcessId, OwnAllocations.ReadAsync, load, run.Settings);
}
