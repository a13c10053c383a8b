namespace EventBroker.Transport.Kafka.Topics;

/// <summary>A topic.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Epoch">What tells it from another one of this name before or after it.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Replicas">How many copies it has.</param>
internal sealed record TopicInfo(string Topic, ulong Epoch, int Partitions, int Replicas);
