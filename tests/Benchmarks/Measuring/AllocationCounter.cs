using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace Benchmarks.Measuring;

/// <summary>How many bytes a server has allocated since it started, from its own <c>System.Runtime</c> meter over the
/// diagnostics port: the server needs no code for it.</summary>
internal sealed class AllocationCounter : IAsyncDisposable
{
    private const string Instrument = "dotnet.gc.heap.total_allocated";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly EventPipeSession _session;
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private TaskCompletionSource<Reading> _next = NewSource();

    private AllocationCounter(EventPipeSession session)
    {
        _session = session;
        // Process() holds its thread until the session ends.
        _reading = Task.Factory.StartNew(ReadAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static async Task<AllocationCounter> AttachAsync(int processId, CancellationToken cancellation)
    {
        var provider = new EventPipeProvider("System.Diagnostics.Metrics", EventLevel.Informational, 0x2, new Dictionary<string, string>
        {
            ["SessionId"] = Guid.NewGuid().ToString(),
            ["Metrics"] = $@"System.Runtime\{Instrument}",
            ["RefreshInterval"] = "0.2",
        });
        var session = await new DiagnosticsClient(processId).StartEventPipeSessionAsync([provider], requestRundown: false, circularBufferMB: 16, cancellation);
        return new AllocationCounter(session);
    }

    /// <summary>Waits for a value that was observed after this call.</summary>
    public async Task<long> ReadAsync(CancellationToken cancellation)
    {
        var asked = TimeProvider.System.GetUtcNow();
        while (true)
        {
            Task<Reading> next;
            lock (_lock)
                next = _next.Task;

            var reading = await next.WaitAsync(Patience, TimeProvider.System, cancellation);
            if (reading.At >= asked)
                return reading.Bytes;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _session.StopAsync(CancellationToken.None);
            await _reading;
        }
        catch (Exception fault) when (fault is ServerNotAvailableException or IOException or EndOfStreamException or TimeoutException)
        {
            // The server has ended before us, and its session with it.
        }

        _session.Dispose();
    }

    private static TaskCompletionSource<Reading> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void ReadAll()
    {
        using var source = new EventPipeEventSource(_session.EventStream);
        source.Dynamic.All += Observe;
        source.Process();
    }

    private void Observe(TraceEvent trace)
    {
        if (trace.EventName != "CounterRateValuePublished" || trace.PayloadByName("instrumentName") as string != Instrument)
            return;

        var bytes = double.Parse((string)trace.PayloadByName("value"), System.Globalization.CultureInfo.InvariantCulture);
        TaskCompletionSource<Reading> observed;
        lock (_lock)
            (observed, _next) = (_next, NewSource());

        observed.SetResult(new Reading(new DateTimeOffset(trace.TimeStamp.ToUniversalTime()), (long)bytes));
    }

    private sealed record Reading(DateTimeOffset At, long Bytes);
}
