using System.Diagnostics;

namespace Benchmarks.Measuring;

/// <summary>Notes when this process could not run, by waking up every few milliseconds: what it saw late then may have come in time.</summary>
internal sealed class StallWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _stalls = [];
    private readonly Task _watching;

    public StallWatch() => _watching = WatchAsync();

    /// <summary>Tells how much of the time between two timestamps was lost.</summary>
    public TimeSpan LostBetween(long from, long to)
    {
        long lost = 0;
        lock (_lock)
        {
            foreach (var stall in _stalls)
                lost += Math.Max(0, Math.Min(to, stall.To) - Math.Max(from, stall.From));
        }

        return Stopwatch.GetElapsedTime(0, lost);
    }

    /// <summary>Forgets what was noted so far.</summary>
    public void Clear()
    {
        lock (_lock)
            _stalls.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        var interval = (long)(Interval.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            var due = Stopwatch.GetTimestamp() + interval;
            await Task.Delay(Interval, TimeProvider.System, _closing.Token);
            var now = Stopwatch.GetTimestamp();

            // Up to one interval late is what timers are anyway.
            if (now - due > interval)
            {
                lock (_lock)
                    _stalls.Add((due, now));
            }
        }
    }
}
