using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>Connections that are opened and say nothing, or no more than a preface.</summary>
internal sealed class SilentConnections : IAttack
{
    public string Name => "silent connections";

    public int Workers => 300;

    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        using var connection = await RawConnection.OpenAsync(turn.Worker % 2 == 0 ? turn.Server.Grpc : turn.Server.Http, cancellation);
        if (turn.Worker % 4 == 0)
            await connection.SendAsync(Http2.Preface, cancellation);

        return await connection.ReadToEndAsync(cancellation);
    }
}
