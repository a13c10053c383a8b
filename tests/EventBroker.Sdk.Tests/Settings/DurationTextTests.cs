using EventBroker.Sdk.Settings;

namespace EventBroker.Sdk.Tests.Settings;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("250ms", "00:00:00.250")]
    [InlineData("30s", "00:00:30")]
    [InlineData("5m", "00:05:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1h 30m", "01:30:00")]
    [InlineData("2d", "2.00:00:00")]
    [InlineData("1.5S", "00:00:01.500")]
    [InlineData("1ms500us", "00:00:00.0015")]
    [InlineData("1500µs100ns", "00:00:00.0015001")]
    [InlineData("00:00:30", "00:00:30")]
    [InlineData("0", "00:00:00")]
    public void A_duration_is_numbers_with_units_or_a_clock_time(string text, string expected)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("-00:00:01")]
    [InlineData("30m1h")]
    [InlineData("1m1m")]
    [InlineData("1h30")]
    [InlineData("5 minutes")]
    [InlineData("999999999999999d")]
    [InlineData("9999999999999999999999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("0.1ms", 1_000)]
    [InlineData("250ms", 2_500_000)]
    [InlineData("1h30m", 54_000_000_000)]
    [InlineData("2d1s5ms", 1_728_010_050_000)]
    public void A_duration_reads_back_as_it_was_written(string text, long ticks)
    {
        Assert.Equal(text, DurationText.Format(new TimeSpan(ticks)));
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(ticks, duration.Ticks);
    }
}
