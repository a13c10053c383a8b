namespace EventBroker.Host.Memory;

// Gives back what a busy time has left. Nobody else does: a broker that has become quiet allocates too little for the next full collection to
// come soon, and what a flood has filled stays with the process.
internal sealed class MemoryReturn(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    // Up to here everything is moved together, at once, in the time of a few messages. A larger heap is mostly retained messages, which are
    // worth no pause: there, what is free is given back in the background, as far as that goes.
    private const long Small = 512L * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var calm = new Calm();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (calm.HasCome(GC.GetTotalAllocatedBytes()))
            {
                Collect();
                NativeHeap.Trim();
            }
        }
    }

    private static void Collect()
    {
        if (GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes <= Small)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

            // Finalizers free native memory: what is given back below.
            GC.WaitForPendingFinalizers();
        }
        else
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }
}
