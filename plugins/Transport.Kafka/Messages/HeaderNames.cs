namespace EventBroker.Transport.Kafka.Messages;

/// <summary>The headers of records that a broker wrote; all others are metadata as it is.</summary>
internal static class HeaderNames
{
    public const string Prefix = "eb.";

    /// <summary>The message's id, and the sign that a broker wrote the record.</summary>
    public const string Id = "eb.id";

    public const string Source = "eb.source";

    /// <summary>When the message was accepted: seconds since 1970 and nanoseconds, in digits with a point between. The record's own
    /// timestamp has milliseconds, or is the topic's.</summary>
    public const string Time = "eb.time";

    /// <summary>Before the name of a metadata entry that could be taken for one of these, is empty or holds a zero; the name is percent-encoded.</summary>
    public const string MetadataPrefix = "eb.m.";

    /// <summary>The metadata entry with the key of another program's record, where the settings name no other.</summary>
    public const string ForeignKey = "kafka.key";

    /// <summary>The metadata entry that tells a null value of another program's record from an empty one.</summary>
    public const string Tombstone = "kafka.tombstone";
}
