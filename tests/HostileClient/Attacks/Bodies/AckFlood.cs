using System.Text;
using System.Text.Json;
using EventBroker.Protos.Event.V1;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Bodies;

/// <summary>Acks of what was never delivered, a hundred in a call or a WebSocket's burst.</summary>
internal sealed class AckFlood : IAttack
{
    private const int Entries = 100;

    public string Name => "ack flood";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(20);

    public Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var ids = Enumerable.Range(0, Entries).Select(_ => AckIds.Any(turn.Random)).ToArray();
        return turn.Random.Next(4) switch
        {
            0 => ByWebSocketAsync(turn, ids, cancellation),
            1 => turn.Calls.RestAsync(HttpMethod.Post, "/v1/ack", Json(ids), turn.Role(), cancellation),
            _ => turn.Calls.GrpcAsync(Methods.Ack, Request(ids), turn.Role(), cancellation),
        };
    }

    private static AckRequest Request(string[] ids)
    {
        var request = new AckRequest();
        request.Entries.AddRange(ids.Select(static id => new AckEntry { AckId = id, Extend = new() { Seconds = id.Length } }));
        return request;
    }

    private static StringContent Json(string[] ids) =>
        new(JsonSerializer.Serialize(new { entries = ids.Select(static id => new { ack_id = id, error = "no" }) }), Encoding.UTF8, "application/json");

    private static async Task<string> ByWebSocketAsync(Turn turn, string[] ids, CancellationToken cancellation)
    {
        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation);
        await connection.SendAsync(Http1.Upgrade($"/v1/events/{Access.OpenEvent}/subscribe", turn.Role()), cancellation);
        var status = await connection.ReadStatusAsync(cancellation);
        foreach (var id in ids)
            await connection.SendAsync(WebSocketFrames.Text(JsonSerializer.SerializeToUtf8Bytes(new { type = "ack", ack_id = id, results = true })), cancellation);

        return status;
    }
}
