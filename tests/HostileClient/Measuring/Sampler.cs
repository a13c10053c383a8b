using System.Diagnostics;
using Benchmarks.Measuring;
using HostileClient.Good;

namespace HostileClient.Measuring;

/// <summary>Looks at the broker once a second.</summary>
internal sealed class Sampler(int broker, IGoodClient good, Func<string> attack)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly long _began = Stopwatch.GetTimestamp();

    public List<Second> Seconds { get; } = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval);
        var (cpu, waited, at) = (ProcessClock.Read(broker), CoreWaits.Read(broker), Stopwatch.GetTimestamp());
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var (newCpu, newWaited, now) = (ProcessClock.Read(broker), CoreWaits.Read(broker), Stopwatch.GetTimestamp());
            Seconds.Add(new Second
            {
                At = Stopwatch.GetElapsedTime(_began, now).TotalSeconds,
                Attack = attack(),
                Memory = ProcessMemory.Read(broker),
                Cpu = (newCpu - cpu) / Stopwatch.GetElapsedTime(at, now) * 100,
                Waited = Math.Max(0, (newWaited - waited).TotalMilliseconds),
                Latencies = [.. good.Measured.Select(static measured => measured.Latencies.TakeRecent())],
            });
            (cpu, waited, at) = (newCpu, newWaited, now);
        }
    }
}
