using System.Buffers;
using System.Globalization;
using System.Text;

namespace EventBroker.Sdk.Settings;

/// <summary>Durations as they are written in settings and in requests: <c>250ms</c>, <c>30s</c>, <c>1h30m</c>, <c>2d</c>, also
/// <c>00:00:30</c>.</summary>
/// <remarks>What Go's <c>Duration.String</c> writes is one, and so is protobuf's JSON form. A number without a unit is refused: nobody could tell seconds from milliseconds by looking at it.</remarks>
public static class DurationText
{
    /// <summary>The forms that are understood, for messages.</summary>
    public const string Rule = "a duration such as 250ms, 30s, 5m, 1h30m, 2d or 00:00:30";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    // In the order in which they may follow each other.
    private static readonly (string[] Names, decimal Ticks)[] Units =
    [
        (["d"], TimeSpan.TicksPerDay), (["h"], TimeSpan.TicksPerHour), (["m"], TimeSpan.TicksPerMinute), (["s"], TimeSpan.TicksPerSecond),
        (["ms"], TimeSpan.TicksPerMillisecond), (["us", "µs", "μs"], TimeSpan.TicksPerMicrosecond), (["ns"], 0.01m),
    ];

    // Those of which whole numbers are written: what is left is milliseconds.
    private const int WholeUnits = 4;

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text: numbers with units from the largest to the smallest, or <c>[d.]hh:mm:ss[.fffffff]</c>.</param>
    /// <param name="duration">The duration, when the text is one.</param>
    /// <returns>Whether the text is a duration; a negative one is none.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        text = text.Trim();
        if (text.Contains(':'))
        {
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero;
        }

        duration = default;
        if (text is "0")
        {
            return true;
        }

        decimal ticks = 0;
        var unit = -1;
        while (!text.IsEmpty)
        {
            if (!ReadPart(ref text, ref unit, out var part))
            {
                return false;
            }

            ticks += part;
        }

        if (unit < 0 || ticks > long.MaxValue)
        {
            return false;
        }

        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>Writes a duration so that reading it gives the same duration.</summary>
    /// <param name="duration">The duration, not negative.</param>
    /// <returns>The text, such as <c>1h30m</c>; <c>0s</c> for none.</returns>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder();
        decimal rest = duration.Ticks;
        foreach (var (names, ticks) in Units.AsSpan(..WholeUnits))
        {
            if (rest >= ticks)
            {
                text.Append(CultureInfo.InvariantCulture, $"{decimal.Truncate(rest / ticks)}{names[0]}");
                rest %= ticks;
            }
        }

        if (rest > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{rest / TimeSpan.TicksPerMillisecond:0.####}ms");
        }

        return text.ToString();
    }

    private static bool ReadPart(ref ReadOnlySpan<char> text, ref int unit, out decimal ticks)
    {
        ticks = 0;
        var digits = text.IndexOfAnyExcept(Digits);
        // 15 digits times a day stay within a decimal.
        if (digits is < 1 or > 15
            || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        text = text[digits..];
        var end = text.IndexOfAny(Digits);
        var name = (end < 0 ? text : text[..end]).Trim();
        text = end < 0 ? default : text[end..];
        for (var next = unit + 1; next < Units.Length; next++)
        {
            if (IsNamed(name, Units[next].Names))
            {
                unit = next;
                ticks = number * Units[next].Ticks;
                return true;
            }
        }

        return false;
    }

    private static bool IsNamed(ReadOnlySpan<char> name, string[] names)
    {
        foreach (var other in names)
        {
            if (name.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
