using System.Buffers.Text;
using System.Globalization;
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

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;

        // The pattern is checked apart from the value, since the framework's parser takes many other forms.
        return text.Length >= 20
            && text[4] == '-' && text[7] == '-' && text[10] is 'T' or 't' && text[13] == ':' && text[16] == ':'
            && (text[^1] is 'Z' or 'z' || (text[^3] == ':' && text[^6] is '+' or '-'))
            && (text[19] != '.' || char.IsAsciiDigit(text[20]))
            && DateTimeOffset.TryParse(Shorten(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    // The framework takes seven digits of a fraction at the most.
    private static string Shorten(string text)
    {
        if (text[19] != '.')
        {
            return text;
        }

        var end = 20;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end > 27 ? string.Concat(text.AsSpan(0, 27), text.AsSpan(end)) : text;
    }
}
