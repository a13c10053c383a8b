using Confluent.Kafka;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>Tells what is missing between two records: gone by retention, or never there (compacted away, a transaction's control record).</summary>
internal static class Gaps
{
    public static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>Counts what retention has taken.</summary>
    /// <returns>How many, an upper bound where the topic is compacted.</returns>
    public static long Count(
        IConsumer<byte[]?, byte[]?> consumer, TopicPartition partition, long expected, long found, IGapMemory memory, KafkaState state)
    {
        // In a compacted topic there is a gap before nearly every record: the cluster is not asked for each.
        if (memory.Oldest <= expected && (memory.AskedAt == 0 || state.Time.GetElapsedTime(memory.AskedAt) >= AskAgain))
        {
            memory.AskedAt = state.Time.GetTimestamp();
            try
            {
                memory.Oldest = consumer.QueryWatermarkOffsets(partition, state.Settings.Timeout).Low;
            }
            catch (KafkaException)
            {
                // Not known: what is told then is less than what is missing, and not more.
            }
        }

        var missed = Math.Clamp(memory.Oldest - expected, 0, found - expected);
        state.Metrics.Add(state.Metrics.Missed, missed);
        return missed;
    }
}
