namespace EventBroker.Transport.Log.Storage;

/// <summary>The time by which messages are accepted, kept and delivered again: that of the wall clock, without its jumps.</summary>
/// <remarks>
/// <para>When the wall clock is set, the time goes on as if it had not been, at the pace of the system's steady clock: otherwise one step ahead
/// would end every retention, and one step back would keep it from ending. It never goes back. In microseconds, which is what the
/// file keeps, as ticks.</para>
/// <para>Across a restart nothing tells a jump from a long pause: back is not believed, and ahead not by more than a year.</para>
/// </remarks>
internal sealed class LogClock
{
    // More than a correction of a running clock, less than anything that retention could notice.
    private static readonly TimeSpan LargestDrift = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(366);

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private long _wall;
    private long _stamp;
    private long _offset;
    private long _last;

    /// <summary>Begins where the file was last written.</summary>
    /// <param name="clock">The wall clock and the steady one.</param>
    /// <param name="last">The time when the file was last written; 0 for a new one.</param>
    public LogClock(TimeProvider clock, long last)
    {
        _clock = clock;
        _wall = clock.GetUtcNow().UtcTicks;
        _stamp = clock.GetTimestamp();
        _last = last;
        if (last > 0 && (_wall < last || _wall - last > LongestPause.Ticks))
        {
            _offset = last - _wall;
        }
    }

    /// <summary>Gets how far the time is ahead of the wall clock, in ticks; 0 as long as that was never set.</summary>
    public long Offset
    {
        get
        {
            lock (_lock)
            {
                return _offset;
            }
        }
    }

    /// <summary>Gets the time, in ticks.</summary>
    public long Now
    {
        get
        {
            lock (_lock)
            {
                var wall = _clock.GetUtcNow().UtcTicks;
                var stamp = _clock.GetTimestamp();
                var drift = wall - _wall - _clock.GetElapsedTime(_stamp, stamp).Ticks;
                if (Math.Abs(drift) > LargestDrift.Ticks)
                {
                    _offset -= drift;
                }

                _wall = wall;
                _stamp = stamp;
                return _last = Math.Max(_last, Floor(wall + _offset));
            }
        }
    }

    /// <summary>Translates a time of the wall clock, as it is set now.</summary>
    public long FromWall(long ticks)
    {
        _ = Now;
        return Floor(Math.Clamp(ticks + Offset, 0, DateTime.MaxValue.Ticks));
    }

    /// <summary>Translates ticks into what the file keeps: microseconds since 1970.</summary>
    public static long ToStored(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Translates what the file keeps into ticks.</summary>
    public static long FromStored(long stored) => (stored * TimeSpan.TicksPerMicrosecond) + DateTime.UnixEpoch.Ticks;

    private static long Floor(long ticks) => ticks - (ticks % TimeSpan.TicksPerMicrosecond);
}
