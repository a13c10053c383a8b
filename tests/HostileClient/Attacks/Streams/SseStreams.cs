using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Streams;

/// <summary>SSE subscribers who never read.</summary>
internal sealed class SseStreams : IAttack
{
    private const int Window = 4096;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(6);

    public string Name => "SSE flood";

    public int Workers => 150;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(500);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        if (turn.Worker == 0)
            return await Flood.PublishAsync(turn, cancellation);

        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation, Window);
        var mode = turn.Random.Next(2) == 0 ? "auto_ack=true" : $"delivery_mode=worker_pool&worker_group=g{turn.Random.Next(20)}";
        await connection.SendAsync(Http1.Get($"/v1/events/{Access.FloodEvent}/stream?{mode}", Access.Guest), cancellation);
        var status = await connection.ReadStatusAsync(cancellation);
        await Task.Delay(Held, TimeProvider.System, cancellation);
        return status;
    }
}
