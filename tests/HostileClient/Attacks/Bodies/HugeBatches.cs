using System.Text;
using Benchmarks.Clients;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Bodies;

/// <summary>Calls with as many messages or ack entries as are allowed, and with more.</summary>
internal sealed class HugeBatches : IAttack
{
    private const int Allowed = 10_000;
    private const int TooMany = 40_000;

    private static readonly Lazy<byte[][]> Publishes = new(static () => [.. new[] { Allowed, TooMany }.SelectMany(static count => new[]
    {
        Batch(count, static i => $"open.name{i}"),
        Batch(count, static i => $"secret.name{i}"),
        Batch(count, static i => $"no name {i}"),
        Batch(count, static _ => Access.OpenEvent),
    })]);

    private static readonly Lazy<byte[][]> Acks = new(static () => [.. new[] { Allowed, TooMany }.Select(Entries)]);

    private static readonly Lazy<string> RestAcks = new(static () =>
        "{\"entries\":[" + string.Join(',', Enumerable.Range(0, TooMany).Select(static i => $"{{\"ack_id\":\"{AckIds.Text(i)}\"}}")) + "]}");

    public string Name => "huge batches";

    public int Workers => 2;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(300);

    public Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var kind = turn.Random.Next(4);
        if (kind == 0)
            return turn.Calls.RestAsync(HttpMethod.Post, "/v1/ack", new StringContent(RestAcks.Value, Encoding.UTF8, "application/json"), turn.Role(), cancellation);

        return kind == 1
            ? turn.Calls.GrpcAsync(Methods.Ack, Any(Acks.Value, turn), turn.Role(), cancellation)
            : turn.Calls.GrpcAsync(Methods.PublishBatch, Any(Publishes.Value, turn), turn.Role(), cancellation);
    }

    private static byte[] Any(byte[][] bodies, Turn turn) => bodies[turn.Random.Next(bodies.Length)];

    private static byte[] Batch(int count, Func<int, string> name)
    {
        var request = new PublishBatchRequest();
        for (var i = 0; i < count; i++)
            request.Messages.Add(new PublishItem { Event = name(i) });

        return GrpcFrame.Of(request);
    }

    private static byte[] Entries(int count)
    {
        var request = new AckRequest();
        for (var i = 0; i < count; i++)
            request.Entries.Add(new AckEntry { AckId = AckIds.Text(i) });

        return GrpcFrame.Of(request);
    }
}
