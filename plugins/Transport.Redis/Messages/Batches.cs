using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Messages;

/// <summary>Turns the entries of an answer into messages.</summary>
internal static class Batches
{
    /// <summary>How many bytes one call aims to read.</summary>
    public const int TargetBytes = 1 << 20;

    /// <summary>Reads entries, each an id with its fields.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="firstOrdinal">How many messages were added before the first; -1 if that is not known.</param>
    /// <param name="generation">The stream's generation, for cursors; null for none.</param>
    /// <param name="reader">Reads what is in them.</param>
    public static ReadEntry[] Read(RedisResult entries, long firstOrdinal, string? generation, EntryReader reader)
    {
        var batch = new ReadEntry[entries.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            batch[i] = Make(entries[i][0], entries[i][1], firstOrdinal < 0 ? -1 : firstOrdinal + i, retryCount: 0, generation, reader);
        }

        return batch;
    }

    /// <summary>Reads entries that are delivered again, each an id with its count and its fields.</summary>
    public static ReadEntry[] ReadAgain(RedisResult entries, string? generation, EntryReader reader)
    {
        var batch = new ReadEntry[entries.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            var count = (int)Math.Min((long)entries[i][1], int.MaxValue);
            batch[i] = Make(entries[i][0], entries[i][2], ordinal: -1, count, generation, reader);
        }

        return batch;
    }

    /// <summary>Chooses how many messages to ask for, by the size of those that came before.</summary>
    public static int ChooseCount(int wanted, int averageBytes) => Math.Clamp(wanted, 1, Math.Max(1, TargetBytes / Math.Max(averageBytes, 64)));

    /// <summary>Follows the average size of messages.</summary>
    public static int Average(int before, ReadOnlySpan<ReadEntry> batch)
    {
        if (batch.IsEmpty)
        {
            return before;
        }

        long bytes = 0;
        foreach (ref readonly var entry in batch)
        {
            bytes += entry.Message.Length;
        }

        return (int)Math.Min(int.MaxValue, ((before * 3L) + (bytes / batch.Length)) / 4);
    }

    private static ReadEntry Make(
        RedisResult id, RedisResult fields, long ordinal, int retryCount, string? generation, EntryReader reader)
    {
        var position = EntryId.Parse((string)id!);
        return new ReadEntry
        {
            Message = reader.Read(position, fields),
            Position = position,
            Ordinal = ordinal,
            RetryCount = retryCount,
            Cursor = generation is null ? null : new RedisCursor(position, ordinal < 0 ? -1 : ordinal + 1, generation).ToResume(),
        };
    }
}
