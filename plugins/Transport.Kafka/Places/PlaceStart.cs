namespace EventBroker.Transport.Kafka.Places;

/// <summary>Where a place begins if it is new, in each partition.</summary>
/// <param name="Earliest">The oldest offsets that are retained.</param>
/// <param name="Start">The offsets to begin with.</param>
/// <param name="IsLost">Whether messages in between are gone.</param>
internal sealed record PlaceStart(long[] Earliest, long[] Start, bool IsLost);
