using System.Globalization;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Settings;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>The options of an event as settings of its topic, and back.</summary>
internal static class TopicOptions
{
    private const string Retention = "retention.ms";
    private const string MaxBytes = "retention.bytes";
    private const string MaxMessageBytes = "max.message.bytes";

    // What a record has around a message of this size.
    private const int RecordOverhead = 2_048;

    public static Dictionary<string, string> ToSettings(EventOptions options, KafkaSettings settings)
    {
        var result = new Dictionary<string, string>(settings.TopicSettings, StringComparer.Ordinal);
        if ((options.Retention ?? settings.Retention) is { } retention)
        {
            result[Retention] = Number((long)retention.TotalMilliseconds);
        }

        if (options.MaxBytes is { } bytes)
        {
            // Kafka counts by the partition.
            result[MaxBytes] = Number(Math.Max(1, bytes / (options.Partitions ?? settings.Partitions)));
        }

        if (options.MaxMessageBytes is { } most)
        {
            result[MaxMessageBytes] = Number((long)most + RecordOverhead);
        }

        return result;
    }

    public static EventOptions Read(IReadOnlyDictionary<string, string> settings, int partitions, int replicas) => new()
    {
        Retention = Get(settings, Retention) is > 0 and < 315_360_000_000_000 and var retention ? TimeSpan.FromMilliseconds(retention) : null,
        MaxBytes = Get(settings, MaxBytes) is > 0 and < long.MaxValue / 10_000 and var bytes ? bytes * partitions : null,
        MaxMessageBytes = Get(settings, MaxMessageBytes) is > RecordOverhead and <= int.MaxValue and var most ? (int)most - RecordOverhead : null,
        Partitions = partitions,
        Replicas = replicas,
    };

    private static long Get(IReadOnlyDictionary<string, string> settings, string name) =>
        settings.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
