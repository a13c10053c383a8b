using Benchmarks.Backends;
using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Scenarios;

/// <summary>Compares what the same work over a backend costs a program through the transport and through the backend's own client alone. Both talk to
/// one server; what is measured is this process.</summary>
internal sealed class BackendScenario(
    string name,
    IReadOnlyList<Goal> goals,
    Func<CancellationToken, Task<IBackend>> startBackend,
    Func<ITransport, string, Task<ILoad>> openTransport,
    Func<IBackend, Task<ILoad>> openClient)
    : Scenario(name, goals)
{
    private const string Event = "bench";

    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var backend = await startBackend(cancellation);
        await backend.Transport.RegisterAsync(Event, EventOptions.None, cancellation);
        await using var transportLoad = await openTransport(backend.Transport, Event);
        await using var clientLoad = await openClient(backend);
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
