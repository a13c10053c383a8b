namespace EventBroker.Transport.Kafka.Clients;

/// <summary>An offset of a partition with the text that is kept beside it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset; negative if there is none.</param>
/// <param name="Note">The text; empty if there is none.</param>
internal readonly record struct NotedOffset(int Partition, long Offset, string Note);
