using EventBroker.Sdk.Settings;

namespace EventBroker.Endpoints.Http;

// Durations in requests: those of settings, and negative ones as well, which protobuf has and each field refuses in its own words.
internal static class SignedDuration
{
    public const string Form = "a duration such as 90s, 5m, 1h30m or 250ms";

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        var isNegative = text is ['-', ..];
        if (!DurationText.TryParse(text is ['-' or '+', ..] ? text[1..] : text, out duration))
        {
            return false;
        }

        duration = isNegative ? -duration : duration;
        return true;
    }
}
