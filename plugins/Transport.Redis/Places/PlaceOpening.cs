using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Messages;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Places;

/// <summary>What is said of a place when a subscription to it opens.</summary>
/// <param name="Resume">Measured by what was asked for.</param>
/// <param name="StartCursor">The cursor behind which the first delivery lies; null for a worker group.</param>
internal readonly record struct PlaceOpening(ResumeOutcome Resume, string? StartCursor)
{
    public static PlaceOpening Read(RedisResult result, PlaceKind kind, SubscribeOptions options, string generation)
    {
        var isNew = (int)result[3] == 1;
        var isLost = (long)result[4] != 0;
        if (kind == PlaceKind.WorkerGroup)
        {
            // A start position is that of a new group: whoever names none can't be told otherwise.
            var outcome = options.Start == StartPosition.Unspecified ? ResumeOutcome.NotAsked
                : isNew ? ResumeOutcome.New
                : isLost ? ResumeOutcome.Lost
                : ResumeOutcome.Kept;
            return new PlaceOpening(outcome, null);
        }

        var isAsked = options.ResumeAfter is not null || options.Start != StartPosition.Unspecified;
        var resume = isNew && options.ResumeAfter is null ? ResumeOutcome.New
            : isLost ? ResumeOutcome.Lost
            : isAsked && !isNew ? ResumeOutcome.Kept
            : ResumeOutcome.Exact;
        var oldest = (string)result[7]!;
        var cursor = oldest.Length > 0
            ? new RedisCursor(EntryId.Before(EntryId.Parse(oldest)), -1, generation)
            : new RedisCursor(EntryId.Parse((string)result[5]!), (long)result[6], generation);
        return new PlaceOpening(resume, cursor.ToString());
    }
}
