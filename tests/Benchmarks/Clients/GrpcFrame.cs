using System.Buffers.Binary;
using Google.Protobuf;

namespace Benchmarks.Clients;

/// <summary>A gRPC message with its five-byte prefix: not compressed, length.</summary>
internal static class GrpcFrame
{
    public const int PrefixLength = 5;

    public static byte[] Of(IMessage message)
    {
        var frame = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - PrefixLength);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    public static int Length(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadInt32BigEndian(frame[1..]);
}
