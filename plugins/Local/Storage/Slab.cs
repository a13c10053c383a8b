namespace EventBroker.Transport.Local.Storage;

/// <summary>A run of consecutive messages in one array, with a packed index. Written under the log's lock, read without it.</summary>
/// <remarks>What is published by <see cref="Count"/> never changes: neither bytes nor index entries. The arrays are not
/// recycled, so a delivery may refer to them for as long as it likes.</remarks>
internal sealed class Slab
{
    public const int SmallestSize = 4 * 1024;
    public const int LargestSize = 256 * 1024;

    // Bounds the index for the case that messages are tiny.
    private const int MaxEntries = 8 * 1024;

    private readonly byte[] _bytes;
    private SlabEntry[] _entries;
    private int _count;
    private int _used;

    public Slab(ulong first, int size)
    {
        First = first;
        _bytes = GC.AllocateUninitializedArray<byte>(size);
        _entries = new SlabEntry[Math.Clamp(size / 512, 1, 512)];
    }

    /// <summary>Gets the sequence number of the first message.</summary>
    public ulong First { get; }

    /// <summary>Gets how many messages are readable.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets the sequence number behind the last readable message.</summary>
    public ulong End => First + (ulong)Count;

    /// <summary>Gets how much memory the slab holds, in bytes.</summary>
    public long AllocatedBytes => _bytes.Length + ((long)_entries.Length * SlabEntry.Size);

    public byte[] Bytes => _bytes;

    /// <summary>Gets the index. To be read after <see cref="Count"/>: it holds at least so many entries.</summary>
    public SlabEntry[] Entries => _entries;

    public long FirstAcceptedTicks => _entries[0].AcceptedTicks;

    public bool HasRoomFor(int length) => _bytes.Length - _used >= length && _count < MaxEntries;

    /// <summary>Appends a message for which there is room.</summary>
    public void Append(ReadOnlySpan<byte> message, long acceptedTicks)
    {
        var count = _count;
        if (count == _entries.Length)
        {
            var larger = new SlabEntry[count * 2];
            _entries.AsSpan().CopyTo(larger);
            _entries = larger;
        }

        message.CopyTo(_bytes.AsSpan(_used));
        _used += message.Length;
        _entries[count].AcceptedTicks = acceptedTicks;
        _entries[count].End = _used;
        Volatile.Write(ref _count, count + 1);
    }

    public int LengthAt(int index) => _entries[index].End - (index == 0 ? 0 : _entries[index - 1].End);

    /// <summary>Finds the first message that was accepted at or after a time.</summary>
    /// <returns>Its place in the slab; <see cref="Count"/> if all are older.</returns>
    public int LowerBound(long ticks)
    {
        var low = 0;
        var high = Count;
        var entries = _entries;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].AcceptedTicks < ticks)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
