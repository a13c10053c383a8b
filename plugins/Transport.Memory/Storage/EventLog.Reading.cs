using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Storage;

internal sealed partial class EventLog
{
    /// <summary>Hands over what lies behind a cursor and advances it.</summary>
    /// <param name="cursor">The reader's place.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="maxBytes">Stop once so many bytes are handed over.</param>
    /// <param name="nowTicks">The time.</param>
    /// <param name="notBeforeTicks">Pass over messages accepted before this time, without counting them.</param>
    /// <param name="resume">The cursor that deliveries carry.</param>
    /// <param name="handle">The handle that deliveries carry.</param>
    /// <returns>How many deliveries were written.</returns>
    public int Read(
        ref LogCursor cursor,
        Span<Delivery> destination,
        long maxBytes,
        long nowTicks,
        long notBeforeTicks,
        ResumeCursor? resume,
        object? handle)
    {
        if (!TryFindNext(ref cursor, nowTicks, notBeforeTicks, out var slabs, out var at, out var tail))
        {
            return 0;
        }

        var count = 0;
        long bytes = 0;
        while (true)
        {
            var slab = slabs[at];
            var end = Math.Min(tail, slab.End);
            var index = (int)(cursor.Next - slab.First);
            var stop = (int)Math.Min((long)(end - slab.First), (long)index + destination.Length - count);
            var entries = slab.Entries;
            var start = index == 0 ? 0 : entries[index - 1].End;
            for (; index < stop && bytes < maxBytes; index++)
            {
                ref readonly var entry = ref entries[index];
                var length = entry.End - start;
                destination[count] = new Delivery
                {
                    Message = new EncodedMessage(new ReadOnlyMemory<byte>(slab.Bytes, start, length)),
                    Position = new Position(Epoch, slab.First + (ulong)index),
                    Missed = cursor.Missed,
                    Cursor = resume,
                    Handle = handle,
                };
                cursor.Missed = 0;
                start = entry.End;
                bytes += length;
                count++;
            }

            cursor.Next = slab.First + (ulong)index;
            if (cursor.Next < end || ++at == slabs.Length || cursor.Next >= tail
                || count == destination.Length || bytes >= maxBytes)
            {
                return count;
            }
        }
    }

    /// <summary>Finds one message.</summary>
    /// <returns>Its bytes; null if retention has removed it.</returns>
    public ReadOnlyMemory<byte>? Find(ulong sequence)
    {
        var slabs = _slabs;
        if (sequence < Oldest || FindSlab(slabs, sequence) is not (>= 0 and var at))
        {
            return null;
        }

        var slab = slabs[at];
        var index = (int)(sequence - slab.First);
        var length = slab.LengthAt(index);
        return new ReadOnlyMemory<byte>(slab.Bytes, slab.Entries[index].End - length, length);
    }

    /// <summary>Writes the cursor behind which a message is the first. Number 1 is the first of a log, so there is one before each.</summary>
    public string FormatCursorBefore(ulong sequence) => new Position(Epoch, sequence - 1).ToString();

    /// <summary>Moves a cursor to the newest message. What lies in between is left out, not missed.</summary>
    public void SkipToNewest(ref LogCursor cursor) => cursor.Next = Math.Max(cursor.Next, Math.Max(Tail - 1, Oldest));

    /// <summary>Finds the first message accepted at or after a time.</summary>
    /// <returns>Its sequence number; the tail if there is none yet.</returns>
    public ulong LowerBound(long ticks)
    {
        var tail = Tail;
        var slabs = _slabs;
        var low = 0;
        var high = slabs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (slabs[middle].FirstAcceptedTicks < ticks)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        // All slabs from `low` on begin at or after the time; the one before may hold some that do, too.
        if (low == 0)
        {
            return slabs.Length == 0 ? tail : slabs[0].First;
        }

        var slab = slabs[low - 1];
        return slab.First + (ulong)slab.LowerBound(ticks);
    }

    private bool TryFindNext(
        ref LogCursor cursor, long nowTicks, long notBeforeTicks, out Slab[] slabs, out int at, out ulong tail)
    {
        at = 0;
        slabs = [];
        var expiredTicks = nowTicks - _limits.Retention.Ticks;
        while (true)
        {
            // In this order: whatever is below the tail is in the slabs read after it, unless evicted.
            tail = Tail;
            slabs = _slabs;
            PassOverEvicted(ref cursor, notBeforeTicks);
            if (cursor.Next >= tail)
            {
                return false;
            }

            at = FindSlab(slabs, cursor.Next);
            if (at < 0)
            {
                continue;
            }

            var acceptedTicks = slabs[at].Entries[(int)(cursor.Next - slabs[at].First)].AcceptedTicks;
            if (acceptedTicks < expiredTicks)
            {
                Expire(nowTicks);
            }
            else if (acceptedTicks < notBeforeTicks)
            {
                cursor.Next = Math.Max(cursor.Next + 1, LowerBound(notBeforeTicks));
            }
            else
            {
                return true;
            }
        }
    }

    private void PassOverEvicted(ref LogCursor cursor, long notBeforeTicks)
    {
        var oldest = Oldest;
        if (cursor.Next >= oldest)
        {
            return;
        }

        // What the reader would have passed over anyway is not missed.
        if (Volatile.Read(ref _lastEvictedTicks) >= notBeforeTicks)
        {
            var missed = (long)(oldest - cursor.Next);
            cursor.Missed += missed;
            _metrics.AddMissed(missed);
        }

        cursor.Next = oldest;
    }

    private static int FindSlab(Slab[] slabs, ulong sequence)
    {
        // Most readers are near the end.
        var high = slabs.Length - 1;
        if (high >= 0 && slabs[high].First <= sequence)
        {
            return high;
        }

        var low = 0;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (slabs[middle].First <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
