using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EventBroker.Nats.Connections;

/// <summary>The first line of headers, which in a word of the server itself holds a code: <c>NATS/1.0 503</c>.</summary>
internal static class StatusLine
{
    private static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>Reads the code.</summary>
    /// <returns>0 if it is a message like any other.</returns>
    public static int ReadCode(ReadOnlySequence<byte> headers)
    {
        Span<byte> line = stackalloc byte[12];
        if (headers.Length < line.Length)
        {
            return 0;
        }

        headers.Slice(0, line.Length).CopyTo(line);
        return line.StartsWith(Version) && line[8] == ' ' && Utf8Parser.TryParse(line[9..], out int code, out var used) && used == 3 ? code : 0;
    }

    /// <summary>Reads the words behind the code.</summary>
    public static string ReadText(ReadOnlySequence<byte> headers)
    {
        var all = Encoding.ASCII.GetString(headers);
        var end = all.IndexOf("\r\n", StringComparison.Ordinal);
        return end > 13 ? all[13..end] : "";
    }

    /// <summary>Reads a header that holds a number.</summary>
    public static long? ReadNumber(ReadOnlySequence<byte> headers, string name)
    {
        foreach (var line in Encoding.ASCII.GetString(headers).Split("\r\n"))
        {
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.Length > name.Length && line[name.Length] == ':'
                && long.TryParse(line.AsSpan(name.Length + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }
}
