using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>A header of a hundred kilobytes, thousands of small ones, a path without end, and continuations without end.</summary>
internal sealed class HugeHeaders : IAttack
{
    private const int Large = 100_000;
    private const int Many = 5_000;
    private const int Continuations = 64;

    public string Name => "huge headers";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(100);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var kind = turn.Random.Next(5);
        using var connection = await RawConnection.OpenAsync(kind < 2 ? turn.Server.Grpc : turn.Server.Http, cancellation);
        byte[] request = kind switch
        {
            0 => [.. Http2.Preface, .. Blocks(Http2.HeaderBlock([(":method", "POST"), (":scheme", "http"), (":path", Methods.Publish), ("x-large", new string('a', Large))]))],
            1 => [.. Http2.Preface, .. Blocks(Http2.HeaderBlock([.. Enumerable.Range(0, Many).Select(static i => ($"x-{i}", "a"))]))],
            2 => Http1.Get("/v1/health", "", "X-Large: " + new string('a', Large)),
            3 => Http1.Get("/v1/health", "", [.. Enumerable.Range(0, Many).Select(static i => $"X-{i}: a")]),
            _ => Http1.Get("/v1/events/" + new string('a', Large), Access.Guest),
        };
        await connection.SendAsync(request, cancellation);
        return kind < 2 ? await EndAsync(connection, cancellation) : await connection.ReadStatusAsync(cancellation);
    }

    // The block in pieces, and after it as much again that belongs to nothing.
    private static byte[] Blocks(byte[] block)
    {
        const int Most = 16_000;
        var frames = new List<byte>(Http2.Frame(Http2.Headers, 0, 1, block.AsSpan(0, Math.Min(Most, block.Length))));
        for (var at = Most; at < block.Length; at += Most)
            frames.AddRange(Http2.Frame(Http2.Continuation, 0, 1, block.AsSpan(at, Math.Min(Most, block.Length - at))));

        for (var i = 0; i < Continuations; i++)
            frames.AddRange(Http2.Frame(Http2.Continuation, 0, 1, Http2.HeaderBlock(("x-more", "a"))));

        return [.. frames];
    }

    private static async Task<string> EndAsync(RawConnection connection, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        return await connection.ReadToEndAsync(patience.Token) + " over HTTP/2";
    }
}
