using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Log.Storage;

/// <summary>The messages of one event on the disk, with the newest of them, and what was just read, in memory.</summary>
/// <remarks>Only the writer appends, and only what is committed; readers never see anything else.</remarks>
internal sealed partial class DiskLog : MessageLog
{
    private readonly Lock _lock = new();
    private readonly long _eventId;
    private readonly BatchReader _reader;
    private readonly CacheBudget _budget;
    private readonly LogClock _clock;
    private readonly long _retentionTicks;
    private ulong _tail;
    private ulong _oldest;
    private long _bytes;
    private long _lastEvictedTicks;

    // When the oldest message was accepted: no later than this.
    private long _oldestAcceptedTicks;

    public DiskLog(
        long eventId, ulong epoch, ulong oldest, ulong tail, long bytes, TimeSpan retention, BatchReader reader, CacheBudget budget, LogClock clock, LocalMetrics metrics)
        : base(metrics)
    {
        _eventId = eventId;
        Epoch = epoch;
        _oldest = oldest;
        _tail = tail;
        _bytes = bytes;
        _retentionTicks = retention.Ticks;
        _reader = reader;
        _budget = budget;
        _clock = clock;
        _oldestAcceptedTicks = oldest < tail ? 0 : long.MaxValue;
    }

    /// <inheritdoc/>
    public override ulong Epoch { get; }

    /// <inheritdoc/>
    public override ulong Tail => Volatile.Read(ref _tail);

    /// <inheritdoc/>
    public override ulong Oldest => Volatile.Read(ref _oldest);

    /// <inheritdoc/>
    public override long NowTicks => _clock.Now;

    /// <inheritdoc/>
    protected override long LastEvictedTicks => Volatile.Read(ref _lastEvictedTicks);

    /// <inheritdoc/>
    public override long FromWallClock(long ticks) => _clock.FromWall(ticks);

    /// <inheritdoc/>
    public override void Count(out long messages, out long bytes)
    {
        messages = RetainedMessages;
        bytes = messages == 0 ? 0 : Volatile.Read(ref _bytes);
    }

    /// <inheritdoc/>
    public override void Expire(long nowTicks)
    {
        var expired = GetExpiredTicks(nowTicks);
        if (Volatile.Read(ref _oldestAcceptedTicks) >= expired)
        {
            return;
        }

        var tail = Tail;
        var first = LowerBound(expired);
        lock (_lock)
        {
            if (first > _oldest)
            {
                MoveOldest(first, expired - 1);
            }

            _oldestAcceptedTicks = first < tail ? _reader.GetAccepted(_eventId, first) ?? 0 : long.MaxValue;
            if (_oldest < _tail && _oldest >= tail)
            {
                // Something came meanwhile.
                _oldestAcceptedTicks = 0;
            }
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        lock (_lock)
        {
            Volatile.Write(ref _oldest, _tail);
            ClearCache();
        }
    }

    /// <summary>Hides what lies before a message, because it is one too many or too much.</summary>
    /// <param name="sequence">The first to be seen.</param>
    /// <param name="acceptedTicks">When the last one before it was accepted.</param>
    public void DropBefore(ulong sequence, long acceptedTicks)
    {
        lock (_lock)
        {
            if (sequence > _oldest)
            {
                MoveOldest(sequence, acceptedTicks);
            }
        }
    }

    /// <summary>Takes into account what the writer has removed from the disk.</summary>
    public void SetBytes(long bytes) => Volatile.Write(ref _bytes, bytes);

    /// <inheritdoc/>
    protected override long GetExpiredTicks(long nowTicks) => nowTicks - _retentionTicks;

    private void MoveOldest(ulong sequence, long acceptedTicks)
    {
        Volatile.Write(ref _lastEvictedTicks, Math.Max(_lastEvictedTicks, acceptedTicks));
        Volatile.Write(ref _oldest, sequence);
        DropCachedBefore(sequence);
    }
}
