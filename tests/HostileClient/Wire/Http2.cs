using System.Buffers.Binary;
using System.Text;

namespace HostileClient.Wire;

/// <summary>Frames of HTTP/2, for those that no client library would send.</summary>
internal static class Http2
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    private const int HeaderLength = 9;

    /// <summary>Gets the preface and empty settings: what every connection begins with.</summary>
    public static byte[] Preface { get; } = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])];

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <summary>Writes headers as literals, without the table and without Huffman's code.</summary>
    public static byte[] HeaderBlock(params (string Name, string Value)[] headers)
    {
        var block = new List<byte>();
        foreach (var (name, value) in headers)
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        return [.. block];
    }

    /// <summary>Writes the headers of a gRPC call.</summary>
    public static byte[] GrpcHeaders(string method, string role) => HeaderBlock(
        (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "127.0.0.1"),
        ("content-type", "application/grpc"), ("te", "trailers"), (Access.RoleHeader, role));

    private static void AddText(List<byte> block, string text)
    {
        // A length of seven bits, then groups of seven.
        var length = text.Length;
        if (length < 127)
        {
            block.Add((byte)length);
        }
        else
        {
            block.Add(127);
            for (length -= 127; length >= 128; length >>= 7)
                block.Add((byte)((length & 127) | 128));

            block.Add((byte)length);
        }

        block.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
