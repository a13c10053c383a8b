using System.Buffers.Binary;

namespace HostileClient.Wire;

/// <summary>Frames of a WebSocket client, masked with zeros so that the bytes on the wire are those that were meant.</summary>
internal static class WebSocketFrames
{
    private const int Short = 125;

    public static byte[] Text(ReadOnlySpan<byte> text) => Frame(0x81, text);

    public static byte[] Frame(byte kind, ReadOnlySpan<byte> payload)
    {
        var header = payload.Length <= Short ? 2 : 4;
        var frame = new byte[header + 4 + payload.Length];
        frame[0] = kind;
        if (header == 2)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), checked((ushort)payload.Length));
        }

        payload.CopyTo(frame.AsSpan(header + 4));
        return frame;
    }
}
