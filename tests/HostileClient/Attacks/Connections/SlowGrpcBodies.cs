using System.Net;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>gRPC messages that begin and never end.</summary>
internal sealed class SlowGrpcBodies : IAttack
{
    private static readonly string[] Targets = [Methods.Publish, Methods.PublishBatch, Methods.Ack, Methods.Subscribe];

    public string Name => "slow gRPC bodies";

    public int Workers => 60;

    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        using var content = new Unending(turn.Random.Next(3) switch { 0 => 1, 1 => 64 * 1024, _ => 2_000_000 }, cancellation);
        using var connection = Calls.NewGrpc();
        using var request = turn.Calls.GrpcRequest(Targets[turn.Random.Next(Targets.Length)], content, turn.Role());
        using var response = await connection.SendAsync(request, cancellation);
        await response.Content.CopyToAsync(Stream.Null, cancellation);
        return Calls.GrpcOutcome(response);
    }

    /// <summary>Promises four megabytes, and sends fewer.</summary>
    private sealed class Unending(int sent, CancellationToken cancellation) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var begin = new byte[sent];
            byte[] prefix = [0, 0, 0x3D, 0x09, 0];
            prefix.AsSpan(0, Math.Min(prefix.Length, sent)).CopyTo(begin);
            await stream.WriteAsync(begin, cancellation);
            await stream.FlushAsync(cancellation);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
