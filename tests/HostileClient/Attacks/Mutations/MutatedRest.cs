using System.Text;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Mutations;

/// <summary>REST calls whose JSON, or whose whole request, is changed by chance.</summary>
internal sealed class MutatedRest : IAttack
{
    private static readonly (string Path, byte[] Body)[] Calls =
    [
        ("/v1/events/open.a/messages", "{\"id\":\"one\",\"payload\":\"eyJ0b3RhbCI6NDJ9\",\"metadata\":{\"tenant\":\"acme\",\"é\":\"\\u00e9\"}}"u8.ToArray()),
        ("/v1/ack", "{\"entries\":[{\"ack_id\":\"AQAAAAEAAAAAAAAAd2hhdGV2ZXIxMj1\",\"error\":\"no\",\"nack_delay\":\"5s\",\"extend\":\"1.5s\"}]}"u8.ToArray()),
        ("/v1/events/open.r2?options.max_messages=5", "{\"options\":{\"retention\":\"86400s\",\"max_messages\":100000}}"u8.ToArray()),
        ("/v1/events/open.a/seek", "{\"worker_group\":\"\",\"start_from\":\"START_POSITION_TIMESTAMP\",\"start_time\":\"2026-01-02T03:04:05Z\"}"u8.ToArray()),
    ];

    public string Name => "mutated REST";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(10);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var (path, body) = Calls[turn.Random.Next(Calls.Length)];
        if (turn.Random.Next(2) == 0)
        {
            var content = new ByteArrayContent(Mutation.Of(body, turn.Random));
            content.Headers.TryAddWithoutValidation("Content-Type", turn.Random.Next(3) == 0 ? Encoding.Latin1.GetString(Mutation.Of("application/json"u8.ToArray(), turn.Random)).ReplaceLineEndings("") : "application/json");
            return await turn.Calls.RestAsync(HttpMethod.Post, path, content, turn.Role(), cancellation);
        }

        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation);
        await connection.SendAsync(Mutation.Of(Http1.Post(path, Access.Guest, body, "Connection: close"), turn.Random), cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));
        return await connection.ReadStatusOfAnyTimeAsync(patience.Token) + " to a changed request";
    }
}
