namespace EventBroker.Transport.Kafka.Settings;

/// <summary>What of librdkafka is not to be set by hand: what it does depends on it, or it has a setting of its own.</summary>
internal static class FixedProperties
{
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "use bootstrapServers",
        ["metadata.broker.list"] = "use bootstrapServers",
        ["group.id"] = "each worker group and consumer id has its own",
        ["group.instance.id"] = "each host and group is a member of its own",
        ["group.protocol"] = "offsets are committed by the classic protocol",
        ["enable.auto.commit"] = "offsets are committed when messages are settled",
        ["enable.auto.offset.store"] = "offsets are committed when messages are settled",
        ["auto.offset.reset"] = "where a place begins is said by its subscriber",
        ["partition.assignment.strategy"] = "partitions are handed over one by one",
        ["enable.partition.eof"] = "replays depend on it",
        ["enable.idempotence"] = "publishing depends on it",
        ["acks"] = "a publish is answered when all replicas in sync have it",
        ["request.required.acks"] = "a publish is answered when all replicas in sync have it",
        ["transactional.id"] = "publishes are answered one by one",
        ["allow.auto.create.topics"] = "events are registered",
        ["message.max.bytes"] = "use maxMessageBytes",
        ["message.timeout.ms"] = "use timeout",
        ["delivery.timeout.ms"] = "use timeout",
        ["session.timeout.ms"] = "use sessionTimeout",
        ["sasl.password"] = "use sasl.password, which may come from a file",
        ["sasl.username"] = "use sasl.user",
        ["ssl.key.password"] = "use tls.keyPassword, which may come from a file",
    };

    public static bool Contains(string name) => Reasons.ContainsKey(name);

    public static string Explain(string name) => Reasons[name];
}
