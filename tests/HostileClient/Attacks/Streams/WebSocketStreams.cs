using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Streams;

/// <summary>WebSockets that never read, and send pings and acks for which nobody fetches the answer.</summary>
internal sealed class WebSocketStreams : IAttack
{
    private const int Window = 4096;
    private const int Bursts = 6;
    private const int FramesInBurst = 50;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    public string Name => "WebSocket flood";

    public int Workers => 150;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(500);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        if (turn.Worker == 0)
            return await Flood.PublishAsync(turn, cancellation);

        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation, Window);
        await connection.SendAsync(Http1.Upgrade($"/v1/events/{Access.FloodEvent}/subscribe", Access.Guest), cancellation);
        var status = await connection.ReadStatusAsync(cancellation);
        byte[] frames = [.. Enumerable.Repeat(WebSocketFrames.Text("{\"type\":\"ack\",\"ack_id\":\"none\",\"results\":true}"u8), FramesInBurst).SelectMany(static f => f)];
        for (var burst = 0; burst < Bursts; burst++)
        {
            // Where the broker does not read on either, the rest waits here.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Between);
            try
            {
                await connection.SendAsync(frames, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                status += ", full";
                break;
            }

            await Task.Delay(Between, TimeProvider.System, cancellation);
        }

        return status;
    }
}
