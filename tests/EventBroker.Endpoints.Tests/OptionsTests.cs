using EventBroker.Endpoints.Hosting;

namespace EventBroker.Endpoints.Tests;

// What AddEventBroker refuses at the start, each at the first value that is wrong and not at the last that is right.
public sealed class OptionsTests
{
    public static TheoryData<string, TimeSpan, TimeSpan, bool, string> Times { get; } = new()
    {
        { nameof(EventBrokerOptions.HeartbeatInterval), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), false, "outside of 1 s to 1 h" },
        { nameof(EventBrokerOptions.PongTimeout), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), true, "neither 0 nor within 1 s to 1 h" },
        { nameof(EventBrokerOptions.WriteTimeout), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), true, "neither 0 nor within 1 s to 1 h" },
        { nameof(EventBrokerOptions.DrainTimeout), TimeSpan.Zero, TimeSpan.FromMinutes(10), true, "outside of 0 to 10 min" },
        { nameof(EventBrokerOptions.LameDuck), TimeSpan.Zero, TimeSpan.FromMinutes(10), true, "outside of 0 to 10 min" },
    };

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_has_its_bounds(string option, TimeSpan least, TimeSpan most, bool zero, string bounds)
    {
        var property = typeof(EventBrokerOptions).GetProperty(option)!;
        var tick = TimeSpan.FromTicks(1);
        Assert.All([least, most], right => Assert.Empty(FaultsOf(right)));
        Assert.Equal(zero, FaultsOf(TimeSpan.Zero).Length == 0);
        Assert.All([least - tick, most + tick], wrong => Assert.Equal([$"EventBrokerOptions.{option} is {wrong}, {bounds}"], FaultsOf(wrong)));

        string[] FaultsOf(TimeSpan value)
        {
            var options = Right();
            property.SetValue(options, value);
            return Faults(options);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1024 * 1024 * 1024, true)]
    [InlineData(-1, false)]
    [InlineData((1024 * 1024 * 1024) + 1, false)]
    public void A_rate_has_its_bounds(int rate, bool isRight)
    {
        var options = Right();
        options.MinBytesPerSecond = rate;
        Assert.Equal(isRight ? [] : [$"EventBrokerOptions.MinBytesPerSecond is {rate}, outside of 0 to 1 GiB"], Faults(options));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("null", true)]
    [InlineData("", false)]
    [InlineData("none", false)]
    public void All_pages_and_those_without_an_origin_can_be_named(string text, bool isRight) => Assert.Equal(isRight, EventBrokerOptions.IsOrigin(text));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new EventBrokerOptions { LameDuck = TimeSpan.FromDays(1) };
        options.AllowedOrigins.Add("https://right.example.com");
        options.AllowedOrigins.Add("https://wrong.example.com/path");
        Assert.Equal(
            [
                "EventBrokerOptions.Setup is not set: AddEventBroker needs the transports, routes and authorizers",
                "EventBrokerOptions.LameDuck is 1.00:00:00, outside of 0 to 10 min",
                "EventBrokerOptions.AllowedOrigins has 'https://wrong.example.com/path', which is no origin: write it as https://app.example.com, without a path",
            ],
            Faults(options));
    }

    private static EventBrokerOptions Right() => new() { Setup = static _ => null! };

    private static string[] Faults(EventBrokerOptions options) => [.. new EventBrokerOptionsValidator().Validate(null, options).Failures ?? []];
}
