using System.ComponentModel.DataAnnotations;

namespace EventBroker.Transport.Kafka.Settings;

/// <summary>Which Kafka cluster holds the events, and how.</summary>
public sealed class KafkaSettings : IValidatableObject
{
    /// <summary>Gets or sets where the cluster is first asked: <c>host:9092</c>, several with commas between.</summary>
    /// <value>Required.</value>
    [Required]
    public string BootstrapServers { get; set; } = "";

    /// <summary>Gets or sets how the topics of events begin, before the event's name. Brokers with the same prefix share their events.</summary>
    /// <value>Default <c>eb.</c>; up to 49 characters out of <c>A-Z a-z 0-9 . _ -</c>. Empty: every topic of the cluster is an event.</value>
    [RegularExpression("^[A-Za-z0-9._-]{0,49}$")]
    public string TopicPrefix { get; set; } = "eb.";

    /// <summary>Gets or sets how the consumer groups of worker groups and consumer ids begin.</summary>
    /// <value>Default <c>eb.</c>; 1 to 49 characters out of <c>A-Z a-z 0-9 . _ -</c>.</value>
    [Required]
    [RegularExpression("^[A-Za-z0-9._-]{1,49}$")]
    public string GroupPrefix { get; set; } = "eb.";

    /// <summary>Gets or sets whether events are registered and unregistered here, which makes and deletes topics.</summary>
    /// <value>Default true. False: an operator provides the topics, and registering an event without one is refused.</value>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Gets or sets how many partitions a topic gets that is made here.</summary>
    /// <value>Default 1, which keeps the order of the whole event; 1 to 10 000.</value>
    [Range(1, 10_000)]
    public int Partitions { get; set; } = 1;

    /// <summary>Gets or sets how many copies of a topic that is made here are kept.</summary>
    /// <value>Default: what the cluster says; 1 to 100.</value>
    [Range(1, 100)]
    public int? Replicas { get; set; }

    /// <summary>Gets or sets how long a topic that is made here keeps messages.</summary>
    /// <value>Default: what the cluster says; 1 s to 3650 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan? Retention { get; set; }

    /// <summary>Gets the settings of topics that are made here, by Kafka's names: <c>min.insync.replicas</c>, <c>cleanup.policy</c>…</summary>
    /// <value>Default none.</value>
    public Dictionary<string, string> TopicSettings { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets which metadata entry of a message is its record's key, where the publisher gives no ordering key. A record of
    /// another program has its key in this entry.</summary>
    /// <value>Default none: without an ordering key there is no key, and the key of another program's record is the entry <c>kafka.key</c>.</value>
    public string? KeyMetadata { get; set; }

    /// <summary>Gets or sets the largest message, in encoded bytes.</summary>
    /// <value>Default 1 000 000, which fits a topic's own default of 1 MiB; 1 KiB to 1 GiB.</value>
    [Range(1_024, 1_073_741_824)]
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets how long the offsets of a place rest between two commits: what is settled meanwhile shares the next one.</summary>
    /// <value>Default 5 ms; 0 s (one after the other) to 1 s. A settlement is answered with the commit that holds it.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Gets or sets after how long without a sign of life Kafka gives a host's partitions to others.</summary>
    /// <value>Default 45 s; 1 s to 30 min, within what the cluster allows.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Gets or sets how far reading may run ahead of the offset that is committed, in messages of a partition: how much one that is
    /// never settled may hold up.</summary>
    /// <value>Default 1 000 000; 100 to 100 000 000. Then the partition is paused until it is settled, and the log and health say so.</value>
    [Range(100, 100_000_000)]
    public int MaxUnsettledSpan { get; set; } = 1_000_000;

    /// <summary>Gets or sets how many messages a host reads ahead of its workers, for each worker group and consumer id.</summary>
    /// <value>Default 1000; 1 to 100 000.</value>
    [Range(1, 100_000)]
    public int ReadAhead { get; set; } = 1_000;

    /// <summary>Gets or sets how often it is looked whether topics were deleted or have got partitions, and whether a consumer id was taken over.</summary>
    /// <value>Default 2 s; 50 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:05:00")]
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how many broadcast subscriptions read messages of the past at a time; others wait for their turn.</summary>
    /// <value>Default 64; 1 to 10 000. Each is a consumer with a connection to every Kafka broker.</value>
    [Range(1, 10_000)]
    public int MaxReplays { get; set; } = 64;

    /// <summary>Gets or sets how long a call waits for Kafka.</summary>
    /// <value>Default 10 s; 100 ms to 5 min. Then it fails with UNAVAILABLE.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long the cluster may take to answer when the broker starts.</summary>
    /// <value>Default 15 s; 1 s to 50 s, since the host gives a plugin a minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:50")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets whether the broker starts without Kafka, and serves its events once it is there.</summary>
    /// <value>Default false: the start fails.</value>
    public bool StartWithoutKafka { get; set; }

    /// <summary>Gets or sets how brokers of Kafka are told who this is.</summary>
    /// <value>Default: not at all.</value>
    public KafkaSaslSettings? Sasl { get; set; }

    /// <summary>Gets or sets that connections are encrypted, and how.</summary>
    /// <value>Default: they are not.</value>
    public KafkaTlsSettings? Tls { get; set; }

    /// <summary>Gets settings of librdkafka by their own names, for all clients of this transport.</summary>
    /// <value>Default none. What this transport depends on can't be set.</value>
    public Dictionary<string, string> Librdkafka { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets settings of librdkafka for the producer alone, such as <c>linger.ms</c> and <c>compression.type</c>.</summary>
    /// <value>Default none.</value>
    public Dictionary<string, string> Producer { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets settings of librdkafka for the consumers alone, such as <c>fetch.wait.max.ms</c>.</summary>
    /// <value>Default none.</value>
    public Dictionary<string, string> Consumer { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (settings, name) in new[] { (Librdkafka, nameof(Librdkafka)), (Producer, nameof(Producer)), (Consumer, nameof(Consumer)) })
        {
            foreach (var key in settings.Keys.Where(FixedProperties.Contains))
            {
                yield return new ValidationResult($"'{key}' can't be set here: {FixedProperties.Explain(key)}", [name]);
            }
        }

        if (Sasl?.FindFault() is { } fault)
        {
            yield return new ValidationResult(fault, [nameof(Sasl)]);
        }
    }
}
