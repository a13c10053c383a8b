using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>What belongs to a worker group and not to its members: fixed by the first of them, and kept beside its offsets.</summary>
internal static class GroupOptions
{
    /// <summary>Refuses a member that asks for something else.</summary>
    /// <param name="state">The transport.</param>
    /// <param name="place">The group.</param>
    /// <param name="asked">What the member asks for.</param>
    /// <param name="maxAge">The group's max age in ticks, 0 for none; null where nothing is fixed yet.</param>
    /// <param name="latestOnly">Whether only the newest message matters to the group.</param>
    public static void Check(KafkaState state, Place place, SubscribeOptions asked, long? maxAge, bool latestOnly)
    {
        if (place.Kind != PlaceKind.WorkerGroup || maxAge is null)
        {
            return;
        }

        if ((asked.MaxAge?.Ticks ?? 0) != maxAge)
        {
            throw Mismatch("max_age", maxAge == 0 ? "none" : DurationText.Format(TimeSpan.FromTicks(maxAge.Value)));
        }

        if (asked.LatestOnly != latestOnly)
        {
            throw Mismatch("latest_only", latestOnly ? "true" : "false");
        }

        BrokerException Mismatch(string option, string fixedValue) => BrokerErrors.OptionNotSupported(
            state.Name,
            option,
            $"it belongs to worker group '{place.Name}', whose {option} is {fixedValue} since its first member came; ask for the same, or use another group");
    }
}
