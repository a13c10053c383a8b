using System.Buffers.Binary;
using System.Diagnostics;

namespace HostileClient.Good;

/// <summary>A message's number and when it was sent, as its payload.</summary>
internal static class Stamp
{
    private const int Length = 256;

    public static byte[] Write(int number)
    {
        var payload = new byte[Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(4), Stopwatch.GetTimestamp());
        return payload;
    }

    public static (int Number, long Sent) Read(ReadOnlySpan<byte> payload) =>
        (BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt64LittleEndian(payload[4..]));
}
