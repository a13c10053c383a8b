using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Connections;

/// <summary>Bodies that begin and never end: nothing behind the headers, a byte now and then, or megabytes at once and then nothing.</summary>
internal sealed class SlowBodies : IAttack
{
    private const int Promised = 4_000_000;
    private static readonly TimeSpan Drip = TimeSpan.FromSeconds(1);

    public string Name => "slow bodies";

    public int Workers => 60;

    public TimeSpan Pause => TimeSpan.FromSeconds(1);

    public async Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        using var connection = await RawConnection.OpenAsync(turn.Server.Http, cancellation);
        var isChunked = turn.Random.Next(3) == 0;
        var path = turn.Random.Next(2) == 0 ? "/v1/events/open.a/messages" : "/v1/ack";
        var length = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Promised}";
        await connection.SendAsync(Http1.Head("POST", path, Access.Guest, length) + "\r\n" + (isChunked ? $"{Promised:x}\r\n" : ""), cancellation);
        var begin = new byte[turn.Random.Next(3) switch { 0 => 0, 1 => 64 * 1024, _ => Promised / 2 }];
        Array.Fill(begin, (byte)' ');
        await connection.SendAsync(begin, cancellation);
        var answer = connection.ReadStatusOfAnyTimeAsync(cancellation);
        var drips = turn.Random.Next(2) == 0;
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(Drip, TimeProvider.System, cancellation));
            if (drips && !answer.IsCompleted)
                await connection.SendAsync(" ", cancellation);
        }

        return await answer;
    }
}
