using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace Benchmarks.Measuring;

/// <summary>The private resident memory of a server after a full garbage collection.</summary>
internal static class PrivateMemory
{
    private const long HeapCollect = 0x800000;
    private const long GarbageCollection = 0x1;
    private const int Collections = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Has the server collect (a trace session with this keyword starts with a collection), then reads RssAnon:
    /// what is resident and not backed by a file.</summary>
    public static async Task<long> ReadAfterCollectionAsync(int processId, CancellationToken cancellation)
    {
        // What one collection finds to finalize is gone after the next; and the runtime gives memory back only after
        // some more, with time between them. From the fourth on the figure stands still.
        for (var i = 0; i < Collections; i++)
        {
            await CollectAsync(processId, cancellation);
            await Task.Delay(Pause, TimeProvider.System, cancellation);
        }

        return ReadResident(processId);
    }

    private static async Task CollectAsync(int processId, CancellationToken cancellation)
    {
        var provider = new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, HeapCollect | GarbageCollection);
        using var session = await new DiagnosticsClient(processId).StartEventPipeSessionAsync([provider], requestRundown: false, circularBufferMB: 16, cancellation);
        var collected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Factory.StartNew(
            () =>
            {
                using var source = new EventPipeEventSource(session.EventStream);
                new ClrTraceEventParser(source).GCStop += trace =>
                {
                    if (trace.Depth == 2)
                        collected.TrySetResult();
                };
                source.Process();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await collected.Task.WaitAsync(Patience, TimeProvider.System, cancellation);
        await session.StopAsync(cancellation);
        await reading;
    }

    private static long ReadResident(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return process.PrivateMemorySize64;
        }

        foreach (var line in File.ReadLines($"/proc/{processId}/status"))
        {
            if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                return 1024 * long.Parse(line.AsSpan(8).TrimEnd("kB "), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException($"/proc/{processId}/status has no RssAnon line.");
    }
}
