using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Places;

/// <summary>What is said of a place when a subscription to it opens.</summary>
internal readonly record struct PlaceOpening(ResumeOutcome Resume)
{
    public static PlaceOpening From(PlaceKind kind, SubscribeOptions options, bool isNew, bool isLost)
    {
        if (kind == PlaceKind.WorkerGroup)
        {
            // A start position is that of a new group: whoever names none can't be told otherwise.
            return new(options.Start == StartPosition.Unspecified ? ResumeOutcome.NotAsked
                : isNew ? ResumeOutcome.New
                : isLost ? ResumeOutcome.Lost
                : ResumeOutcome.Kept);
        }

        var isAsked = options.ResumeAfter is not null || options.Start != StartPosition.Unspecified;
        return new(isNew && options.ResumeAfter is null ? ResumeOutcome.New
            : isLost ? ResumeOutcome.Lost
            : isAsked && !isNew ? ResumeOutcome.Kept
            : ResumeOutcome.Exact);
    }
}
