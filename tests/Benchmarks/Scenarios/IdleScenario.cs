using Benchmarks.Loads;
using Benchmarks.Measuring;
using Benchmarks.Report;
using Benchmarks.Servers;

namespace Benchmarks.Scenarios;

/// <summary>The memory that a subscription takes while nothing is published, in servers started for it.</summary>
internal sealed class IdleScenario(string name, IReadOnlyList<Goal> goals, SubscriptionKind kind) : Scenario(name, goals)
{
    private const int FirstSubscriptions = 200;
    private const int Subscriptions = 2_000;
    private const int MaxRounds = 2;
    private const string EventName = "bench.idle";

    public override async Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var broker = new List<Sample>();
        var bare = new List<Sample>();
        for (var round = 0; round < Math.Min(run.Settings.Rounds, MaxRounds); round++)
        {
            broker.Add(await MeasureAsync(run.StartBrokerAsync(cancellation), cancellation));
            bare.Add(await MeasureAsync(run.StartBareAsync(cancellation), cancellation));
        }

        return new LineResult(Name, "KiB/subscription", broker, bare);
    }

    private async Task<Sample> MeasureAsync(Task<ServerProcess> starting, CancellationToken cancellation)
    {
        await using var server = await starting;
        await BenchmarkRun.RegisterEventAsync(server, EventName, cancellation);

        // What the first subscriptions of a process bring along, code above all, is not theirs.
        await using var first = new IdleSubscriptions(server, EventName, kind);
        await first.OpenAsync(FirstSubscriptions, cancellation);
        var before = await PrivateMemory.ReadAfterCollectionAsync(server.Id, cancellation);

        await using var measured = new IdleSubscriptions(server, EventName, kind);
        await measured.OpenAsync(Subscriptions, cancellation);
        var after = await PrivateMemory.ReadAfterCollectionAsync(server.Id, cancellation);
        return new Sample { Cost = (after - before) / 1024.0 / Subscriptions };
    }
}
