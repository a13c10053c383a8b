using System.Runtime.InteropServices;
using Benchmarks.Scenarios;

namespace Benchmarks.Report;

/// <summary>Runs the lines and writes each as soon as it is known.</summary>
internal static class TableWriter
{
    /// <summary>Runs everything that was asked for.</summary>
    /// <returns>Whether every line could be measured.</returns>
    public static async Task<bool> RunAsync(IReadOnlyList<Scenario> scenarios, Func<Task<BenchmarkRun>> start, CancellationToken cancellation)
    {
        var results = new List<LineResult>();
        var complete = true;
        var run = await start();
        try
        {
            Console.WriteLine($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, "
                + $"{run.Settings.Rounds} rounds of {run.Settings.Slice.TotalSeconds:0.#} s\n");
            Console.WriteLine(MarkdownTable.Header);
            foreach (var scenario in scenarios)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    var result = await scenario.RunAsync(run, cancellation);
                    results.Add(result);
                    Console.WriteLine(MarkdownTable.Row(result, scenario.Goals, results));
                }
                catch (Exception fault) when (!cancellation.IsCancellationRequested)
                {
                    complete = false;
                    Console.WriteLine($"| {scenario.Name} | failed | | | | | | | |");
                    await Console.Error.WriteLineAsync($"{scenario.Name}: {fault.Message}");

                    // It may have brought a server down, or left it busy.
                    await run.DisposeAsync();
                    run = await start();
                }
            }
        }
        finally
        {
            await run.DisposeAsync();
        }

        return complete;
    }
}
