using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace EventBroker.Transport.Kafka.Tests;

/// <summary>Writes what no client of Kafka may write: the record with which a coordinator ends a transaction. It takes an offset and is no message.</summary>
internal static class ControlRecords
{
    // How a batch says that it is part of a transaction, and that it is none of its messages.
    private const short TransactionalControl = 0x30;

    // Of a batch: offset and length, which the length does not count, the leader's epoch, the version, the checksum.
    private const int BeforeContent = 21;
    private const int NotCounted = 12;

    public static async Task WriteAsync(string broker, string topic, int partition = 0)
    {
        var batch = MakeBatch();
        var body = Concat(
            Int16(0), Int16(3), Int32(1), Int16(-1), Int16(-1), Int16(-1), Int32(1_000), Int32(1), Int16((short)topic.Length), Encoding.ASCII.GetBytes(topic),
            Int32(1), Int32(partition), Int32(batch.Length), batch);
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(broker));
        var stream = client.GetStream();
        await stream.WriteAsync(Concat(Int32(body.Length), body));
        var length = new byte[4];
        await stream.ReadExactlyAsync(length);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(answer);
        Assert.Equal(0, BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(4 + 4 + 2 + topic.Length + 4 + 4)));
    }

    private static byte[] MakeBatch()
    {
        // Key: a commit. Value: the coordinator's epoch. Lengths and deltas of a record are zigzag.
        byte[] record = [0, 0, 0, 8, .. Int16(0), .. Int16(1), 12, .. Int16(0), .. Int32(0), 0];
        var content = Concat(
            Int16(TransactionalControl), Int32(0), Int64(1_767_323_045_000), Int64(1_767_323_045_000), Int64(1), Int16(0), Int32(-1), Int32(1),
            [(byte)(record.Length * 2), .. record]);
        var checksum = content.Aggregate(uint.MaxValue, BitOperations.Crc32C) ^ uint.MaxValue;
        return Concat(Int64(0), Int32(BeforeContent - NotCounted + content.Length), Int32(0), [2], Int32((int)checksum), content);
    }

    private static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(static p => p)];

    private static byte[] Int16(short number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Int32(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Int64(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
