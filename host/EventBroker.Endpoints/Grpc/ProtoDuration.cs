using EventBroker.Sdk.Messages;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Endpoints.Grpc;

// google.protobuf.Duration and Timestamp, with the ranges that they are defined for.
internal static class ProtoDuration
{
    private const long MaxSeconds = 315_576_000_000;

    // False for a duration out of protobuf's range or broken bytes.
    public static bool TryRead(ReadOnlySpan<byte> encoded, out TimeSpan? duration)
    {
        duration = null;
        long seconds = 0;
        var nanoseconds = 0;
        var fields = new ProtoFieldReader(encoded);
        while (fields.Read())
        {
            switch (fields.VarintField)
            {
                case Duration.SecondsFieldNumber:
                    seconds = (long)fields.Varint;
                    break;
                case Duration.NanosFieldNumber:
                    nanoseconds = (int)fields.Varint;
                    break;
            }
        }

        duration = fields.Fault is null ? ToTimeSpan(seconds, nanoseconds) : null;
        return duration is not null;
    }

    public static TimeSpan? ToTimeSpan(Duration duration) => ToTimeSpan(duration.Seconds, duration.Nanos);

    public static DateTimeOffset? ToTime(Timestamp timestamp) =>
        timestamp.Seconds is < -62_135_596_800 or > 253_402_300_799 || timestamp.Nanos is < 0 or > 999_999_999
            ? null
            : DateTimeOffset.FromUnixTimeSeconds(timestamp.Seconds).AddTicks(timestamp.Nanos / 100);

    private static TimeSpan? ToTimeSpan(long seconds, int nanoseconds) =>
        seconds is < -MaxSeconds or > MaxSeconds
        || nanoseconds is < -999_999_999 or > 999_999_999
        || (seconds > 0 && nanoseconds < 0)
        || (seconds < 0 && nanoseconds > 0)
            ? null
            : TimeSpan.FromTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100));
}
