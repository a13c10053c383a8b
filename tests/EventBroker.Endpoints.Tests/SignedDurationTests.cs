using EventBroker.Endpoints.Http;

namespace EventBroker.Endpoints.Tests;

public sealed class SignedDurationTests
{
    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1_500)]
    [InlineData("-2s", -2_000)]
    [InlineData("0", 0)]
    [InlineData("1000000ns", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1h0m0.5s", 3_600_500)]
    [InlineData("+2d", 172_800_000)]
    public void A_duration_of_Go_or_of_settings_is_read(string text, long milliseconds)
    {
        Assert.True(SignedDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1..5s")]
    [InlineData("--5s")]
    [InlineData("5s5s")]
    [InlineData("99999999999999999999h")]
    [InlineData("9999999999h")]
    [InlineData("9999999999999999999h9999999999999999999h")]
    public void Anything_else_is_refused(string text) => Assert.False(SignedDuration.TryParse(text, out _));
}
