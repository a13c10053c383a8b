using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>Connections that are reset: before a word, in the middle of a request, or right after one.</summary>
internal sealed class KilledConnections : IAttack
{
    public string Name => "killed connections";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(15);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var isGrpc = turn.Random.Next(2) == 0;
        using var connection = await RawConnection.OpenAsync(isGrpc ? turn.Server.Grpc : turn.Server.Http, cancellation);
        byte[] said = turn.Random.Next(3) switch
        {
            0 when isGrpc => [.. Http2.Preface, .. Http2.Frame(Http2.Headers, Http2.EndHeaders, 1, Http2.GrpcHeaders(Methods.Subscribe, Access.Guest))],
            1 when isGrpc => [.. Http2.Preface, .. Http2.Frame(Http2.Headers, Http2.EndHeaders, 1, Http2.GrpcHeaders(Methods.Publish, "")), .. Http2.Frame(Http2.Data, 0, 1, [0, 0, 1, 0, 0, 1])],
            0 => Http1.Get("/v1/events/open.a/stream", Access.Guest),
            1 => Http1.Upgrade("/v1/events/open.a/subscribe", Access.Guest),
            _ => [],
        };
        var whole = turn.Random.Next(2) == 0;
        await connection.SendAsync(whole ? said : said.AsMemory(0, said.Length / 2), cancellation);
        connection.Kill();
        return "killed";
    }
}
