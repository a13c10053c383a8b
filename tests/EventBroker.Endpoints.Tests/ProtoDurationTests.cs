using EventBroker.Endpoints.Grpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Endpoints.Tests;

// The ranges that protobuf defines, at their ends.
public sealed class ProtoDurationTests
{
    private const long MostSeconds = 315_576_000_000;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 10_000_000)]
    [InlineData(-1, 0, -10_000_000)]
    [InlineData(1, 500_000_000, 15_000_000)]
    [InlineData(-1, -500_000_000, -15_000_000)]
    [InlineData(0, -100, -1)]
    [InlineData(0, 100, 1)]
    [InlineData(0, 99, 0)]
    [InlineData(MostSeconds, 999_999_999, (MostSeconds * 10_000_000) + 9_999_999)]
    [InlineData(-MostSeconds, -999_999_999, (-MostSeconds * 10_000_000) - 9_999_999)]
    public void A_duration_is_read_to_100_nanoseconds(long seconds, int nanoseconds, long ticks) =>
        Assert.Equal(TimeSpan.FromTicks(ticks), Read(seconds, nanoseconds));

    [Theory]
    [InlineData(MostSeconds + 1, 0)]
    [InlineData(-MostSeconds - 1, 0)]
    [InlineData(0, 1_000_000_000)]
    [InlineData(0, -1_000_000_000)]
    [InlineData(1, -1)]
    [InlineData(-1, 1)]
    public void What_is_none_is_refused(long seconds, int nanoseconds) => Assert.Null(Read(seconds, nanoseconds));

    [Fact]
    public void Broken_bytes_are_none() => Assert.False(ProtoDuration.TryRead([0x08, 0x01, 0xFF], out _));

    [Theory]
    [InlineData(-62_135_596_800, 0, "0001-01-01T00:00:00.0000000+00:00")]
    [InlineData(253_402_300_799, 999_999_999, "9999-12-31T23:59:59.9999999+00:00")]
    [InlineData(1_767_323_045, 100, "2026-01-02T03:04:05.0000001+00:00")]
    public void A_time_is_read_to_100_nanoseconds(long seconds, int nanoseconds, string time) =>
        Assert.Equal(time, ProtoDuration.ToTime(new Timestamp { Seconds = seconds, Nanos = nanoseconds })?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(-62_135_596_801, 0)]
    [InlineData(253_402_300_800, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    public void What_is_no_time_is_refused(long seconds, int nanoseconds) =>
        Assert.Null(ProtoDuration.ToTime(new Timestamp { Seconds = seconds, Nanos = nanoseconds }));

    private static TimeSpan? Read(long seconds, int nanoseconds)
    {
        var encoded = new Duration { Seconds = seconds, Nanos = nanoseconds };
        Assert.Equal(ProtoDuration.TryRead(encoded.ToByteArray(), out var duration), duration is not null);
        Assert.Equal(duration, ProtoDuration.ToTimeSpan(encoded));
        return duration;
    }
}
