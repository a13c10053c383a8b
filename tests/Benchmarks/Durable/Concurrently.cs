using System.Diagnostics;

namespace Benchmarks.Durable;

/// <summary>Does something many times, a fixed number of it at a time.</summary>
internal static class Concurrently
{
    public static async Task RunAsync(int inFlight, long count, Func<Task> once)
    {
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await once();
        })));
    }

    /// <summary>Does it for about this long.</summary>
    /// <returns>How often a second.</returns>
    public static async Task<double> RateAsync(int inFlight, TimeSpan time, Func<Task> once)
    {
        var count = 0L;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                await once();
                Interlocked.Increment(ref count);
            }
        })));
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
