using System.Buffers;
using System.Buffers.Text;

namespace EventBroker.Endpoints.Json;

// Writes JSON tokens into a span that is known to be large enough: what Utf8JsonWriter does, without its checks and its object.
internal static class JsonText
{
    private static readonly SearchValues<byte> NeedEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(static i => (byte)i), (byte)'"', (byte)'\\']);

    // The most that a string may take within its quotes.
    public static int MaxLength(ReadOnlySpan<byte> utf8) => utf8.ContainsAny(NeedEscape) ? utf8.Length * 6 : utf8.Length;

    public static int WriteString(ReadOnlySpan<byte> utf8, Span<byte> destination)
    {
        destination[0] = (byte)'"';
        var at = 1;
        while (true)
        {
            var plain = utf8.IndexOfAny(NeedEscape);
            if (plain < 0)
            {
                utf8.CopyTo(destination[at..]);
                at += utf8.Length;
                destination[at] = (byte)'"';
                return at + 1;
            }

            utf8[..plain].CopyTo(destination[at..]);
            at += plain;
            at += WriteEscape(utf8[plain], destination[at..]);
            utf8 = utf8[(plain + 1)..];
        }
    }

    public static int WriteBase64(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        destination[0] = (byte)'"';
        Base64.EncodeToUtf8(bytes, destination[1..], out _, out var written);
        destination[written + 1] = (byte)'"';
        return written + 2;
    }

    public static int WriteNumber(long value, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(value, destination, out var written);
        return written;
    }

    private static int WriteEscape(byte value, Span<byte> destination)
    {
        destination[0] = (byte)'\\';
        switch (value)
        {
            case (byte)'"' or (byte)'\\':
                destination[1] = value;
                return 2;
            case (byte)'\n':
                destination[1] = (byte)'n';
                return 2;
            case (byte)'\r':
                destination[1] = (byte)'r';
                return 2;
            case (byte)'\t':
                destination[1] = (byte)'t';
                return 2;
            default:
                "u00"u8.CopyTo(destination[1..]);
                destination[4] = (byte)((value >> 4) + '0');
                var low = value & 0xF;
                destination[5] = (byte)(low < 10 ? low + '0' : low - 10 + 'a');
                return 6;
        }
    }
}
