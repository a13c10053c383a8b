using System.Buffers;
using System.Globalization;

namespace EventBroker.Endpoints.Http;

// Durations as Go and this contract write them: 90s, 5m, 1h30m, 250ms, 1.5s, 0. Protobuf's JSON form ("3.5s") is a part of it.
internal static class GoDuration
{
    public const string Form = "a duration such as 90s, 5m, 1h30m or 250ms";

    // Enough for the longest time span in nanoseconds.
    private const int MaxDigits = 20;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var negative = text is ['-', ..];
        if (text is ['-' or '+', ..])
        {
            text = text[1..];
        }

        if (text is "0")
        {
            return true;
        }

        decimal ticks = 0;
        if (text.IsEmpty)
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            if (digits <= 0 || digits > MaxDigits || !TryParseNumber(text[..digits], out var number))
            {
                return false;
            }

            text = text[digits..];
            var length = text.IndexOfAny(Digits);
            if (!TryGetTicks(length < 0 ? text : text[..length], out var unit))
            {
                return false;
            }

            // Checked by dividing, since the product may be more than a decimal can hold.
            if (number > (long.MaxValue - ticks) / unit)
            {
                return false;
            }

            ticks += number * unit;

            text = length < 0 ? default : text[length..];
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    private static bool TryGetTicks(ReadOnlySpan<char> unit, out decimal ticks)
    {
        ticks = unit switch
        {
            "ns" => 0.01m,
            "us" or "µs" or "μs" => 10,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        return ticks != 0;
    }
}
