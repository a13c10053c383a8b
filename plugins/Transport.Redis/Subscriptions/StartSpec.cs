using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Messages;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Subscriptions;

/// <summary>Where to begin, as scripts take it: B the beginning, L the end, T a time in milliseconds, C behind an entry.</summary>
internal readonly struct StartSpec
{
    public RedisValue Kind { get; private init; }

    public RedisValue Value { get; private init; }

    public RedisValue Ordinal { get; private init; }

    public RedisValue Generation { get; private init; }

    public static StartSpec From(StartPosition position, DateTimeOffset? time, string? after, string option)
    {
        if (after is not null)
        {
            var cursor = RedisCursor.Parse(after, option);
            return new StartSpec
            {
                Kind = "C",
                Value = EntryId.Format(cursor.Position),
                Ordinal = cursor.Ordinal,
                Generation = cursor.Generation,
            };
        }

        return position switch
        {
            StartPosition.Beginning => Of("B", RedisValue.EmptyString),
            StartPosition.Timestamp => Of("T", FirstMillisecond(time ?? DateTimeOffset.UnixEpoch)),
            _ => Of("L", RedisValue.EmptyString),
        };

        static StartSpec Of(string kind, RedisValue value) =>
            new() { Kind = kind, Value = value, Ordinal = -1, Generation = RedisValue.EmptyString };
    }

    // Entries are stamped with whole milliseconds, rounded down, so the first that can be at or after a time is that of its own.
    private static long FirstMillisecond(DateTimeOffset time) => Math.Max(1, time.ToUnixTimeMilliseconds());
}
