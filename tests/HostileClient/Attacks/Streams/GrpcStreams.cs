using Benchmarks.Clients;
using EventBroker.Protos.Event.V1;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Streams;

/// <summary>Hundreds of subscriptions on one HTTP/2 connection, of which nobody reads.</summary>
internal sealed class GrpcStreams : IAttack
{
    private const int Streams = 500;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(5);

    public string Name => "gRPC stream flood";

    public int Workers => 3;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(300);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        if (turn.Worker == 0)
            return await Flood.PublishAsync(turn, cancellation);

        using var connection = Calls.NewGrpc();
        var frame = GrpcFrame.Of(new SubscribeRequest { Event = turn.Random.Next(4) == 0 ? Access.GoodEvent : Access.FloodEvent });
        var responses = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => SubscribeAsync()));
        await Task.Delay(Held, TimeProvider.System, cancellation);
        foreach (var response in responses)
            response.Dispose();

        return "flood: " + Calls.GrpcOutcome(responses[0]);

        async Task<HttpResponseMessage> SubscribeAsync()
        {
            using var request = turn.Calls.GrpcRequest(Methods.Subscribe, new ByteArrayContent(frame), Access.Guest);
            return await connection.SendAsync(request, cancellation);
        }
    }
}
