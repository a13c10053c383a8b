using System.Diagnostics;
using Benchmarks.Loads;

namespace Benchmarks.Measuring;

/// <summary>Runs a load in slices and reads what they cost a process: the server, or the one that makes the load.</summary>
internal sealed class LoadMeter(int processId, Func<CancellationToken, Task<long>> readAllocations, ILoad load, BenchmarkSettings settings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long _portion;

    public LoadMeter(MeteredServer server, ILoad load, BenchmarkSettings settings)
        : this(server.Process.Id, server.Allocations.ReadAsync, load, settings)
    {
    }

    /// <summary>Warms the server up, and finds how much the load does in a slice.</summary>
    public async Task WarmUpAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var portion = Portion(1);
        while (true)
        {
            var (elapsed, _) = await RunAsync(portion, cancellation);
            var enough = Stopwatch.GetElapsedTime(started) >= settings.WarmUp;
            // The first portions are slow, since the code is cold: never conclude from them alone.
            var scale = Math.Min(settings.Slice / elapsed, enough ? double.MaxValue : 8);
            portion = Portion((long)Math.Max(1, portion * scale));
            if (enough)
                break;
        }

        _portion = portion;
    }

    public async Task<Sample> MeasureAsync(bool allocations, CancellationToken cancellation)
    {
        await PrepareAsync(_portion, cancellation);
        long? before = allocations ? await readAllocations(cancellation) : null;
        var (elapsed, cpu) = await RunPreparedAsync(_portion, cancellation);
        var allocated = before is { } bytes ? await readAllocations(cancellation) - bytes : (long?)null;
        await FinishAsync(cancellation);
        return new Sample
        {
            Cost = cpu.TotalMicroseconds / _portion,
            PerSecond = _portion / elapsed.TotalSeconds,
            AllocatedBytes = (double?)allocated / _portion,
        };
    }

    private long Portion(long messages) => Math.Clamp(messages / load.Step, 1, load.Limit / load.Step) * load.Step;

    private async Task<(TimeSpan Elapsed, TimeSpan Cpu)> RunAsync(long messages, CancellationToken cancellation)
    {
        await PrepareAsync(messages, cancellation);
        var used = await RunPreparedAsync(messages, cancellation);
        await FinishAsync(cancellation);
        return used;
    }

    private async Task PrepareAsync(long messages, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        await load.PrepareAsync(messages, limit.Token);
    }

    private async Task<(TimeSpan Elapsed, TimeSpan Cpu)> RunPreparedAsync(long messages, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        var cpu = ProcessClock.Read(processId);
        var started = Stopwatch.GetTimestamp();
        await load.RunAsync(messages, limit.Token);
        return (Stopwatch.GetElapsedTime(started), ProcessClock.Read(processId) - cpu);
    }

    private async Task FinishAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        await load.FinishAsync(limit.Token);
    }
}
