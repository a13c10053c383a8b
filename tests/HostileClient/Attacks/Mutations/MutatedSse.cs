using System.Text;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Mutations;

/// <summary>SSE subscriptions whose query, cursor or whole request is changed by chance.</summary>
internal sealed class MutatedSse : IAttack
{
    private static readonly byte[][] Queries =
    [
        "delivery_mode=worker_pool&worker_group=g&start_from=timestamp&start_time=2026-01-02T03:04:05.123Z&max_age=1h30m"u8.ToArray(),
        "consumer_id=c&ack_timeout=30s&max_in_flight=10&buffer_size=100&auto_ack=true"u8.ToArray(),
        "resume_after=0-2a&latest_only=false&last_event_id=0-2a"u8.ToArray(),
    ];

    public string Name => "mutated SSE";

    public int Workers => 4;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(10);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var query = Encoding.Latin1.GetString(Mutation.Of(Queries[turn.Random.Next(Queries.Length)], turn.Random));
        if (turn.Random.Next(2) == 0)
            query = string.Concat(query.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '=' or '&' ? c.ToString() : $"%{(int)c:X2}"));

        var cursor = Encoding.Latin1.GetString(Mutation.Of("0-2a"u8.ToArray(), turn.Random)).ReplaceLineEndings("");
        var request = Http1.Get($"/v1/events/{Access.OpenEvent}/stream?{query}", turn.Role(), "Accept: text/event-stream", $"Last-Event-ID: {cursor}");
        if (turn.Random.Next(3) == 0)
            request = Mutation.Of(request, turn.Random);

        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation);
        await connection.SendAsync(request, cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));
        return await connection.ReadStatusOfAnyTimeAsync(patience.Token);
    }
}
