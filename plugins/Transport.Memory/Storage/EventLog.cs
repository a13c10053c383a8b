using EventBroker.Transport.Local;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Memory.Storage;

/// <summary>The messages of one event: appended under a short lock, read without it by any number of cursors.</summary>
/// <remarks>
/// An append fills the slab, then publishes the list of slabs if it is a new one, then the tail; eviction
/// publishes the oldest sequence number before it takes the slab out of the list.
/// </remarks>
internal sealed partial class EventLog : MessageLog
{
    // A message's share of what an event may keep beyond its own bytes: its index entry, rounded up.
    private const int OverheadPerMessage = 16;

    private readonly Lock _lock = new();
    private readonly EventLimits _limits;
    private readonly TimeProvider _clock;
    private readonly StorageBudget _budget;
    private readonly int _largestSlab;

    private volatile Slab[] _slabs = [];
    private Slab? _open;
    private int _nextSlabSize = Slab.SmallestSize;

    // Not 0: a cursor names the number before the one to be read next.
    private ulong _tail = 1;
    private ulong _oldest = 1;
    private long _retainedBytes;
    private long _lastAcceptedTicks;
    private long _lastEvictedTicks;
    private bool _closed;

    public EventLog(EventLimits limits, TimeProvider clock, StorageBudget budget, LocalMetrics metrics)
        : base(metrics)
    {
        _limits = limits;
        _clock = clock;
        _budget = budget;

        // Slabs are what memory is given back in: an event with little room gets small ones.
        var share = (int)Math.Min(limits.MaxBytes / 16, Slab.LargestSize);
        _largestSlab = Math.Max(share, Slab.SmallestSize);
    }

    /// <inheritdoc/>
    public override ulong Epoch { get; } = (ulong)Random.Shared.NextInt64(1, long.MaxValue);

    /// <inheritdoc/>
    public override ulong Tail => Volatile.Read(ref _tail);

    /// <inheritdoc/>
    public override ulong Oldest => Volatile.Read(ref _oldest);

    /// <inheritdoc/>
    public override long NowTicks => _clock.GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    protected override long LastEvictedTicks => Volatile.Read(ref _lastEvictedTicks);

    /// <summary>Gets when the first message of the oldest slab was accepted.</summary>
    /// <param name="spareLast">Whether to leave the newest slab out of account.</param>
    /// <returns>The time; <see cref="long.MaxValue"/> if there is no such slab.</returns>
    public long GetOldestSlabTicks(bool spareLast)
    {
        var slabs = _slabs;
        return slabs.Length > (spareLast ? 1 : 0) ? slabs[0].FirstAcceptedTicks : long.MaxValue;
    }

    /// <inheritdoc/>
    public override void Count(out long messages, out long bytes)
    {
        lock (_lock)
        {
            messages = (long)(_tail - _oldest);
            bytes = _closed ? 0 : _retainedBytes - (messages * OverheadPerMessage);
        }
    }

    /// <inheritdoc/>
    public override void Expire(long nowTicks)
    {
        lock (_lock)
        {
            Evict(nowTicks);
        }
    }

    /// <inheritdoc/>
    protected override long GetExpiredTicks(long nowTicks) => nowTicks - _limits.Retention.Ticks;

    /// <summary>Drops the oldest slab with all that is in it.</summary>
    public void DropOldestSlab()
    {
        lock (_lock)
        {
            if (_slabs.Length > 0)
            {
                var slab = _slabs[0];
                while (_oldest < slab.End)
                {
                    EvictOldest(slab);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Volatile.Write(ref _oldest, _tail);
            foreach (var slab in _slabs)
            {
                _budget.Add(-slab.AllocatedBytes);
            }

            _slabs = [];
            _open = null;
        }
    }

    private void Evict(long nowTicks)
    {
        var expired = nowTicks - _limits.Retention.Ticks;
        while (_oldest < _tail)
        {
            var slab = _slabs[0];
            var isOver = _tail - _oldest > (ulong)_limits.MaxMessages
                || (_retainedBytes > _limits.MaxBytes && _oldest + 1 < _tail)
                || slab.Entries[(int)(_oldest - slab.First)].AcceptedTicks < expired;
            if (!isOver)
            {
                return;
            }

            EvictOldest(slab);
        }
    }

    private void EvictOldest(Slab slab)
    {
        var index = (int)(_oldest - slab.First);
        _retainedBytes -= slab.LengthAt(index) + OverheadPerMessage;
        _lastEvictedTicks = slab.Entries[index].AcceptedTicks;
        Volatile.Write(ref _oldest, _oldest + 1);
        if (_oldest < slab.End)
        {
            return;
        }

        _budget.Add(-slab.AllocatedBytes);
        _slabs = _slabs[1..];
        if (ReferenceEquals(slab, _open))
        {
            // An event that fell silent takes up little room when it begins again.
            _open = null;
            _nextSlabSize = Slab.SmallestSize;
        }
    }
}
