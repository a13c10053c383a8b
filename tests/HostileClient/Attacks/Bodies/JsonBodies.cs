using System.Text;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Bodies;

/// <summary>JSON that is deep, long, of many keys, or of one key again and again, at every door that reads JSON.</summary>
internal sealed class JsonBodies : IAttack
{
    private const int Deep = 200_000;
    private const int ManyKeys = 60_000;
    private const int Long = 6_000_000;

    private static readonly string[] Paths =
    [
        "/v1/events/open.a/messages", "/v1/ack", "/v1/events/open.b", "/v1/events/open.a/seek", "/v1/events/good.orders/messages",
    ];

    private static readonly Func<string>[] Texts =
    [
        static () => string.Concat(Enumerable.Repeat("[", Deep)),
        static () => "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", Deep)),
        static () => "{\"entries\":" + string.Concat(Enumerable.Repeat("[", Deep)) + string.Concat(Enumerable.Repeat("]", Deep)) + "}",
        static () => "{\"metadata\":{" + string.Join(',', Enumerable.Range(0, ManyKeys).Select(static i => $"\"key{i}\":\"value\"")) + "}}",
        static () => "{" + string.Join(',', Enumerable.Repeat("\"payload\":\"YQ==\"", ManyKeys)) + "}",
        static () => "{\"payload\":\"" + new string('A', Long) + "\"}",
        static () => "{\"payload\":" + new string('9', Long) + "}",
        static () => "{\"id\":\"" + string.Concat(Enumerable.Repeat("\\ud800", ManyKeys)) + "\"}",
        static () => new string(' ', Long) + "{}",
        static () => "{\"entries\":[" + string.Join(',', Enumerable.Repeat("{\"ack_id\":\"x\",\"nack_delay\":\"9e99999s\"}", ManyKeys)) + "]}",
    ];

    public string Name => "deep and huge JSON";

    public int Workers => 3;

    public TimeSpan Pause => TimeSpan.FromMilliseconds(250);

    public Task<string> OnceAsync(Turn turn, CancellationToken cancellation)
    {
        var text = Texts[turn.Random.Next(Texts.Length)]();
        var content = new StringContent(text, Encoding.UTF8, "application/json");
        return turn.Calls.RestAsync(HttpMethod.Post, Paths[turn.Random.Next(Paths.Length)], content, turn.Role(), cancellation);
    }
}
