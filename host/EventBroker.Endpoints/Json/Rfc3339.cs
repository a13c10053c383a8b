using System.Buffers.Text;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Json;

// Times as Go's RFC3339Nano writes them: nanoseconds, without trailing zeros, in UTC.
internal static class Rfc3339
{
    public const int MaxLength = 30;

    private const long MinSeconds = -62_135_596_800;
    private const long MaxSeconds = 253_402_300_799;

    // 0 for a time outside of the years 1 to 9999, which the format can't express.
    public static int Write(MessageTimestamp time, Span<byte> destination)
    {
        if (time.Seconds is < MinSeconds or > MaxSeconds)
        {
            return 0;
        }

        // "O" without its fraction and zone: yyyy-MM-ddTHH:mm:ss.
        var whole = DateTimeOffset.FromUnixTimeSeconds(time.Seconds).UtcDateTime;
        Span<byte> full = stackalloc byte[33];
        Utf8Formatter.TryFormat(whole, full, out _, 'O');
        full[..19].CopyTo(destination);
        var at = 19;
        var nanoseconds = time.Nanoseconds;
        if (nanoseconds is > 0 and <= 999_999_999)
        {
            destination[at++] = (byte)'.';
            for (var unit = 100_000_000; nanoseconds > 0; unit /= 10)
            {
                destination[at++] = (byte)('0' + (nanoseconds / unit));
                nanoseconds %= unit;
            }
        }

        destination[at++] = (byte)'Z';
        return at;
    }

    // In UTC, cut to 100 ns. Strict: the framework's parser takes many other forms.
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20
            || !TryNumber(text[..4], 1, 9999, out var year) || text[4] != '-'
            || !TryNumber(text[5..7], 1, 12, out var month) || text[7] != '-'
            || !TryNumber(text[8..10], 1, DateTime.DaysInMonth(year, month), out var day) || text[10] is not ('T' or 't')
            || !TryNumber(text[11..13], 0, 23, out var hour) || text[13] != ':'
            || !TryNumber(text[14..16], 0, 59, out var minute) || text[16] != ':'
            || !TryNumber(text[17..19], 0, 59, out var second)
            || !TryFraction(text[19..], out var fraction, out var zone)
            || !TryOffset(zone, out var offset))
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, hour, minute, second).Ticks + fraction - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, int least, int most, out int number)
    {
        number = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return number >= least && number <= most;
    }

    private static bool TryFraction(ReadOnlySpan<char> text, out long ticks, out ReadOnlySpan<char> rest)
    {
        ticks = 0;
        rest = text;
        if (text[0] != '.')
        {
            return true;
        }

        var digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0)
        {
            return false;
        }

        for (var i = 1; i <= 7; i++)
        {
            ticks = (ticks * 10) + (i <= digits ? text[i] - '0' : 0);
        }

        rest = text[(digits + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryNumber(text[1..3], 0, 23, out var hours) || !TryNumber(text[4..], 0, 59, out var minutes))
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }
}
