using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Log.Storage;

internal sealed partial class DiskLog
{
    // Slabs read from the disk that an event keeps: a few readers that catch up from different places.
    private const int MaxColdSlabs = 8;

    private readonly Lock _loading = new();

    // The newest messages without a gap up to the tail; replaced as a whole.
    private volatile Slab[] _hot = [];
    private long _hotBytes;
    private Slab? _open;

    // What was read from the disk, the last used first; replaced as a whole.
    private volatile Slab[] _cold = [];

    /// <summary>Makes messages readable that are committed. Called by the writer only.</summary>
    /// <param name="messages">The messages, the first of which gets the tail's number.</param>
    /// <param name="acceptedTicks">When they were accepted.</param>
    /// <param name="bytes">How many bytes the event keeps now.</param>
    public void Append(IReadOnlyList<ReadOnlyMemory<byte>> messages, long acceptedTicks, long bytes)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                AppendHot(message.Span, acceptedTicks);
            }

            TrimHot();
            _bytes = bytes;
            if (_oldest == _tail)
            {
                _oldestAcceptedTicks = acceptedTicks;
            }

            Volatile.Write(ref _tail, _tail + (ulong)messages.Count);
        }
    }

    /// <inheritdoc/>
    public override Slab? FindSlab(ulong sequence)
    {
        var hot = _hot;
        if (hot.Length > 0 && sequence >= hot[0].First)
        {
            return FindIn(hot, sequence);
        }

        return FindCold(sequence) ?? Load(sequence);
    }

    /// <inheritdoc/>
    protected override ulong SkipLost(ulong sequence)
    {
        // What retention removes is hidden before, so what is neither hidden nor there is lost: a damaged file whose end could not be saved.
        var hot = _hot;
        var end = hot.Length > 0 ? hot[0].First : Tail;
        return sequence < end && _reader.Read(_eventId, sequence) is null && sequence >= Oldest ? end : sequence;
    }

    /// <inheritdoc/>
    public override ulong LowerBound(long ticks)
    {
        var tail = Tail;
        var oldest = Oldest;
        var hot = _hot;
        if (hot.Length == 0 || hot[0].FirstAcceptedTicks >= ticks)
        {
            var end = hot.Length == 0 ? tail : Math.Min(hot[0].First, tail);
            var found = oldest >= end ? end : _reader.LowerBound(_eventId, oldest, end, ticks);
            return Math.Max(found, Math.Min(oldest, tail));
        }

        var (low, high) = (0, hot.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = hot[middle].FirstAcceptedTicks < ticks ? (middle + 1, high) : (low, middle);
        }

        var slab = hot[low - 1];
        return Math.Min(slab.First + (ulong)slab.LowerBound(ticks), tail);
    }

    /// <summary>Finds a message that is stored, also if it is hidden because retention is about to remove it.</summary>
    /// <returns>Its bytes; null if it is removed.</returns>
    public ReadOnlyMemory<byte>? FindStored(ulong sequence)
    {
        if (_reader.Read(_eventId, sequence) is not { } slab || sequence < slab.First || sequence >= slab.End)
        {
            return null;
        }

        var index = (int)(sequence - slab.First);
        var length = slab.LengthAt(index);
        return new ReadOnlyMemory<byte>(slab.Bytes, slab.Entries[index].End - length, length);
    }

    /// <summary>Gives back the memory of what nobody has used lately.</summary>
    public void DropCold()
    {
        lock (_loading)
        {
            _budget.Add(-_cold.Sum(static s => s.AllocatedBytes));
            _cold = [];
        }
    }

    private static Slab? FindIn(Slab[] slabs, ulong sequence)
    {
        // Most readers are near the end.
        if (slabs[^1].First <= sequence)
        {
            return slabs[^1];
        }

        var (low, high) = (0, slabs.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = slabs[middle].First <= sequence ? (middle + 1, high) : (low, middle - 1);
        }

        return high < 0 ? null : slabs[high];
    }

    private Slab? FindCold(ulong sequence)
    {
        foreach (var slab in _cold)
        {
            if (sequence >= slab.First && sequence < slab.End)
            {
                return slab;
            }
        }

        return null;
    }

    // Whoever comes for the same messages waits for the one read.
    private Slab? Load(ulong sequence)
    {
        lock (_loading)
        {
            if (FindCold(sequence) is { } loaded)
            {
                return loaded;
            }

            if (_reader.Read(_eventId, sequence) is not { } slab)
            {
                return null;
            }

            var most = _budget.IsExceeded ? 1 : MaxColdSlabs;
            var kept = _cold.Take(most - 1).ToArray();
            _budget.Add(slab.AllocatedBytes - _cold.Skip(kept.Length).Sum(static s => s.AllocatedBytes));
            _cold = [slab, .. kept];
            return slab;
        }
    }

    private void AppendHot(ReadOnlySpan<byte> message, long acceptedTicks)
    {
        if (_open is { } open && open.HasRoomFor(message.Length))
        {
            var before = open.AllocatedBytes;
            open.Append(message, acceptedTicks);
            Account(open.AllocatedBytes - before);
            return;
        }

        var first = _open?.End ?? _tail;
        var size = _open is null ? Slab.SmallestSize : Math.Min(_open.Bytes.Length * 2, Slab.LargestSize);
        _open = new Slab(first, Math.Max(size, message.Length));
        _open.Append(message, acceptedTicks);
        Account(_open.AllocatedBytes);
        _hot = [.. _hot, _open];
    }

    private void TrimHot()
    {
        var drop = 0;
        while (drop < _hot.Length - 1 && (_hotBytes > _budget.PerEvent || _budget.IsExceeded))
        {
            Account(-_hot[drop++].AllocatedBytes);
        }

        if (drop > 0)
        {
            _hot = _hot[drop..];
        }
    }

    private void DropCachedBefore(ulong sequence)
    {
        var drop = 0;
        while (drop < _hot.Length && _hot[drop].End <= sequence)
        {
            Account(-_hot[drop++].AllocatedBytes);
        }

        if (drop > 0)
        {
            _hot = _hot[drop..];
            _open = _hot.Length == 0 ? null : _open;
        }
    }

    private void ClearCache()
    {
        Account(-_hotBytes);
        _hot = [];
        _open = null;
        DropCold();
    }

    private void Account(long bytes)
    {
        _hotBytes += bytes;
        _budget.Add(bytes);
    }
}
