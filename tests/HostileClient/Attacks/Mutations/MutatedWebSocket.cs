using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Mutations;

/// <summary>WebSocket frames that are changed by chance, until the broker has had enough.</summary>
internal sealed class MutatedWebSocket : IAttack
{
    private const int Frames = 20;

    private static readonly byte[][] Originals =
    [
        WebSocketFrames.Text("{\"type\":\"ack\",\"ack_id\":\"AQAAAAEAAAAAAAAAd2hhdGV2ZXIxMj1\",\"error\":\"no\",\"nack_delay\":\"5s\",\"results\":true}"u8),
        WebSocketFrames.Text("{\"type\":\"ack\",\"ack_id\":\"a\",\"extend\":\"1m\"}"u8),
        WebSocketFrames.Frame(0x89, "ping"u8),
        WebSocketFrames.Frame(0x82, "binary"u8),
        WebSocketFrames.Frame(0x01, "{\"type\":"u8),
        WebSocketFrames.Frame(0x80, "\"ack\"}"u8),
        WebSocketFrames.Frame(0x81, new byte[40_000]),
    ];

    public string Name => "mutated WebSocket";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(20);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation);
        var upgrade = Http1.Upgrade($"/v1/events/{Access.OpenEvent}/subscribe", Access.Guest);
        await connection.SendAsync(turn.Random.Next(5) == 0 ? Mutation.Of(upgrade, turn.Random) : upgrade, cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(1));
        var status = await connection.ReadStatusOfAnyTimeAsync(patience.Token);
        for (var i = 0; i < Frames; i++)
            await connection.SendAsync(Mutation.Of(Originals[turn.Random.Next(Originals.Length)], turn.Random), cancellation);

        var answer = new byte[64 * 1024];
        var length = await connection.ReadAsync(answer, patience.Token);
        return $"{status}, {Close(answer.AsSpan(0, length))}";
    }

    // The first frame of the answer, if it closes.
    private static string Close(ReadOnlySpan<byte> answer)
    {
        for (var at = 0; at + 2 <= answer.Length;)
        {
            var length = (int)answer[at + 1];
            var header = length == 126 ? 4 : 2;
            if (answer[at] == 0x88 && length >= 2 && at + 4 <= answer.Length)
                return $"close {(answer[at + 2] << 8) | answer[at + 3]}";

            if (length == 126 && at + 4 <= answer.Length)
                length = (answer[at + 2] << 8) | answer[at + 3];

            at += header + length;
        }

        return answer.Length == 0 ? "closed" : "answered";
    }
}
