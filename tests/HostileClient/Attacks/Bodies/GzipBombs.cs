using System.Buffers.Binary;
using System.IO.Compression;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Bodies;

/// <summary>Kilobytes that become a hundred megabytes, as gRPC messages and as REST bodies.</summary>
internal sealed class GzipBombs : IAttack
{
    private const int Megabytes = 100;

    private static readonly string[] Targets = [Methods.Publish, Methods.PublishBatch, Methods.Ack, Methods.Subscribe, Methods.PublishStream, Methods.Seek];

    // Spaces for JSON; for protobuf, fields of a number that nobody knows.
    private static readonly Lazy<byte[]> OfSpaces = new(static () => Compress((byte)' '));
    private static readonly Lazy<byte[]> OfFields = new(static () => Compress(0x78));

    public string Name => "gzip bombs";

    public int Workers => 3;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(250);

    public Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        if (turn.Random.Next(3) == 0)
        {
            var content = new ByteArrayContent(OfSpaces.Value);
            content.Headers.Add("Content-Encoding", "gzip");
            content.Headers.Add("Content-Type", "application/json");
            return turn.Calls.RestAsync(HttpMethod.Post, turn.Random.Next(2) == 0 ? "/v1/events/open.a/messages" : "/v1/ack", content, turn.Role(), cancellation);
        }

        var frame = new byte[5 + OfFields.Value.Length];
        frame[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), OfFields.Value.Length);
        OfFields.Value.CopyTo(frame, 5);
        return turn.Calls.GrpcAsync(Targets[turn.Random.Next(Targets.Length)], frame, turn.Role(), cancellation, encoding: "gzip");
    }

    private static byte[] Compress(byte repeated)
    {
        var block = new byte[1024 * 1024];
        Array.Fill(block, repeated);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            for (var i = 0; i < Megabytes; i++)
                gzip.Write(block);
        }

        return compressed.ToArray();
    }
}
