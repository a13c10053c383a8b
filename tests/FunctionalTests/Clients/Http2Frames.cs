using System.Buffers.Binary;
using System.Text;

namespace EventBroker.FunctionalTests.Clients;

// HTTP/2 by hand: what a client library would never send.
internal static class Http2Frames
{
    public const int HeaderLength = 9;
    public const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static byte[] Frame(byte type, byte flags, int stream, params ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    // Every field as a literal without indexing and without Huffman coding.
    public static byte[] Encode(params (string Name, string Value)[] fields) =>
        [.. fields.SelectMany(static f => (byte[])
            [0, (byte)f.Name.Length, .. Encoding.ASCII.GetBytes(f.Name), (byte)f.Value.Length, .. Encoding.ASCII.GetBytes(f.Value)])];

    // The headers of a gRPC call.
    public static byte[] Call(Uri address, string method) => Encode(
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/" + method),
        (":authority", address.Authority),
        ("content-type", "application/grpc"),
        ("te", "trailers"));
}
