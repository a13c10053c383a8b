using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>A record that was read for broadcast.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Message">The message.</param>
/// <param name="LostBelow">What stood below this offset and was not read is gone; 0 if nothing is.</param>
internal readonly record struct FeedRecord(int Partition, long Offset, EncodedMessage Message, long LostBelow);
