using EventBroker.Sdk.Messages;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Scripts;

namespace EventBroker.Transport.Redis.Broadcast;

/// <summary>Reads what lies behind an entry, and how many messages were added before.</summary>
internal static class StreamReading
{
    /// <summary>Reads.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="position">The entry behind which to read.</param>
    /// <param name="ordinal">How many messages were added up to it; -1 if that is not known.</param>
    /// <param name="count">The most messages.</param>
    /// <returns>The messages; null if the event has ended or is another stream now.</returns>
    public static async Task<ReadEntry[]?> ReadAsync(EventEntry entry, Position position, long ordinal, int count)
    {
        var generation = entry.Generation;
        var result = await entry.RunAsync(
            Script.Read,
            [entry.Keys.Stream, entry.Keys.Meta],
            () => [entry.Registration.Id, entry.Generation, EntryId.Format(position), count]);

        // The generation may have changed before the call got through: then this is the beginning of another stream.
        if (result is null || entry.Generation != generation)
        {
            return null;
        }

        var entries = result[5];
        if (entries.Length == 0)
        {
            return [];
        }

        var (added, length) = ((long)result[1], (long)result[2]);
        var first = (string)entries[0][0]!;
        var oldest = added - length;
        if ((string)result[3]! == first)
        {
            // It is the oldest there is: what was between has been removed.
            ordinal = Math.Max(ordinal, oldest);
        }
        else if (ordinal < 0 && (string)result[4]! == (string)entries[^1][0]!)
        {
            ordinal = added - entries.Length;
        }

        return Batches.Read(entries, ordinal, generation, entry.State.Entries);
    }
}
