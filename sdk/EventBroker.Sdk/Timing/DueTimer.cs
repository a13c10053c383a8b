namespace EventBroker.Sdk.Timing;

/// <summary>A timer that is set for the earliest of many times, over an injected clock. It may call too early or too often, never too late:
/// whoever is called looks what is due and arms it for the next.</summary>
/// <remarks>
/// <para>The rule that keeps it right: under the lock that guards the times, call <see cref="Arm"/> with the earliest of them after every change and
/// at the end of every callback.</para>
/// <para>Times are those of <see cref="TimeProvider.GetTimestamp"/>, so steps of the wall clock do not matter. Waits beyond the
/// 49 days of a system timer are taken in steps.</para>
/// </remarks>
public sealed class DueTimer : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly TimeProvider _time;
    private readonly Action _onDue;
    private ITimer? _timer;
    private long _armed = long.MaxValue;
    private bool _isDisposed;

    /// <summary>Initializes a timer that is not armed; it takes no resources until it is.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="onDue">Called on a timer's thread when the time has come.</param>
    public DueTimer(TimeProvider time, Action onDue)
    {
        _time = time;
        _onDue = onDue;
    }

    /// <summary>Gets a time in the future.</summary>
    /// <param name="delay">From now.</param>
    /// <returns>The timestamp; <see cref="long.MaxValue"/> where it is out of range.</returns>
    public long After(TimeSpan delay)
    {
        // In two parts: the product of a long delay and the frequency does not fit.
        var ticks = (Int128)delay.Ticks * _time.TimestampFrequency / TimeSpan.TicksPerSecond;
        return (long)Int128.Min(_time.GetTimestamp() + ticks, long.MaxValue);
    }

    /// <summary>Sees to it that the callback comes at this time, or before. Called under the owner's lock.</summary>
    /// <param name="due">The earliest time of all; <see cref="long.MaxValue"/> for none.</param>
    public void Arm(long due)
    {
        // A later time may stay unarmed: the earlier call finds nothing due and arms it then.
        if (due >= Volatile.Read(ref _armed) || _isDisposed)
        {
            return;
        }

        Volatile.Write(ref _armed, due);
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);

        // Rounded up, since a timer that fires early finds nothing and is set again; and never zero, since a clock of tests would
        // call back at once, under the owner's lock.
        wait = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, LongestWait.TotalMilliseconds));
        if (_timer is null)
        {
            _timer = _time.CreateTimer(static timer => ((DueTimer)timer!).OnFired(), this, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Calls no more, except a callback that is under way. Called under the owner's lock.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer?.Dispose();
    }

    private void OnFired()
    {
        // Before the callback, which arms anew. Whoever arms in between is covered by that, too.
        Volatile.Write(ref _armed, long.MaxValue);
        _onDue();
    }
}
