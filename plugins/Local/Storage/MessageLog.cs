using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Storage;

/// <summary>The messages of one event, numbered without a gap, read by any number of cursors without a lock.</summary>
/// <remarks>
/// <para>Readers see what is below <see cref="Tail"/> and not below <see cref="Oldest"/>. Whoever appends makes a message findable before it
/// publishes the tail; whoever removes publishes the oldest number before it makes the message unfindable. A reader that lost the
/// race finds nothing and looks again.</para>
/// <para>Accepted times never go back, also when the clock does, so that they can be searched.</para>
/// </remarks>
internal abstract class MessageLog(LocalMetrics metrics)
{
    /// <summary>Gets what tells this log's positions from those of another log under the same name.</summary>
    public abstract ulong Epoch { get; }

    /// <summary>Gets the sequence number that the next message will get.</summary>
    public abstract ulong Tail { get; }

    /// <summary>Gets the sequence number of the oldest message that can be read; <see cref="Tail"/> if there is none.</summary>
    public abstract ulong Oldest { get; }

    public long RetainedMessages => Math.Max(0, (long)(Tail - Oldest));

    /// <summary>Gets when the newest message was accepted that retention has removed; 0 if it has removed none.</summary>
    protected abstract long LastEvictedTicks { get; }

    /// <summary>Gets the time by which messages are accepted, kept and searched, in ticks.</summary>
    public abstract long NowTicks { get; }

    /// <summary>Gets the time before which a message has outlived its retention.</summary>
    protected abstract long GetExpiredTicks(long nowTicks);

    /// <summary>Translates a time of the wall clock into one of <see cref="NowTicks"/>.</summary>
    public virtual long FromWallClock(long ticks) => ticks;

    /// <summary>Counts what can be read.</summary>
    public abstract void Count(out long messages, out long bytes);

    /// <summary>Drops what has outlived its retention.</summary>
    public abstract void Expire(long nowTicks);

    /// <summary>Gives all memory back; nothing can be appended or read afterwards.</summary>
    public abstract void Close();

    /// <summary>Finds the slab that holds a message; where that is lost for good, the next one.</summary>
    /// <returns>The slab; null if there is none (any more).</returns>
    public abstract Slab? FindSlab(ulong sequence);

    /// <summary>Tells where reading goes on behind a message that no slab was found for.</summary>
    /// <returns>The same number where it only was removed meanwhile, or is about to be found.</returns>
    protected virtual ulong SkipLost(ulong sequence) => sequence;

    /// <summary>Finds the first message accepted at or after a time.</summary>
    /// <returns>Its sequence number; the tail if there is none yet.</returns>
    public abstract ulong LowerBound(long ticks);

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
        var count = 0;
        long bytes = 0;
        while (count < destination.Length && bytes < maxBytes
            && TryFindNext(ref cursor, nowTicks, notBeforeTicks, out var slab, out var tail))
        {
            var index = (int)(cursor.Next - slab.First);
            var available = (long)(Math.Min(tail, slab.End) - slab.First);
            var stop = (int)Math.Min(available, (long)index + destination.Length - count);
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
        }

        return count;
    }

    /// <summary>Finds one message.</summary>
    /// <returns>Its bytes; null if retention has removed it.</returns>
    public ReadOnlyMemory<byte>? Find(ulong sequence)
    {
        if (sequence < Oldest || FindSlab(sequence) is not { } slab || slab.First > sequence)
        {
            return null;
        }

        var index = (int)(sequence - slab.First);
        var length = slab.LengthAt(index);
        return new ReadOnlyMemory<byte>(slab.Bytes, slab.Entries[index].End - length, length);
    }

    /// <summary>Writes the cursor behind which a message is the first. Number 1 is the first of a log, so there is one before each.</summary>
    public string FormatCursorBefore(ulong sequence) => new Position(Epoch, sequence - 1).ToString();

    /// <summary>Moves a cursor to the newest message. What lies in between is left out, not missed.</summary>
    public void SkipToNewest(ref LogCursor cursor) => cursor.Next = Math.Max(cursor.Next, Math.Max(Tail - 1, Oldest));

    private bool TryFindNext(ref LogCursor cursor, long nowTicks, long notBeforeTicks, out Slab slab, out ulong tail)
    {
        var expiredTicks = GetExpiredTicks(nowTicks);
        while (true)
        {
            // In this order: whatever is below the tail is found after it, unless evicted.
            tail = Tail;
            PassOverEvicted(ref cursor, notBeforeTicks);
            slab = null!;
            if (cursor.Next >= tail)
            {
                return false;
            }

            if (FindSlab(cursor.Next) is not { } found)
            {
                if (SkipLost(cursor.Next) is var next && next > cursor.Next)
                {
                    Miss(ref cursor, next);
                }

                continue;
            }

            if (found.First > cursor.Next)
            {
                // Lost with a damaged file: told as what retention removed is.
                Miss(ref cursor, found.First);
                continue;
            }

            var acceptedTicks = found.Entries[(int)(cursor.Next - found.First)].AcceptedTicks;
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
                slab = found;
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
        if (LastEvictedTicks >= notBeforeTicks)
        {
            Miss(ref cursor, oldest);
        }

        cursor.Next = oldest;
    }

    private void Miss(ref LogCursor cursor, ulong next)
    {
        var missed = (long)(next - cursor.Next);
        cursor.Missed += missed;
        cursor.Next = next;
        metrics.AddMissed(missed);
    }
}
