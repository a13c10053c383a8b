using Benchmarks.Report;

namespace Benchmarks.Scenarios;

/// <summary>One line of the table.</summary>
internal abstract class Scenario(string name, IReadOnlyList<Goal> goals)
{
    public string Name { get; } = name;

    public IReadOnlyList<Goal> Goals { get; } = goals;

    public abstract Task<LineResult> RunAsync(BenchmarkRun run, CancellationToken cancellation);
}
