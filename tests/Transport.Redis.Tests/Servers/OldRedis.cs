using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>Says of itself that it is an old Redis, and knows nothing else. There is no package of a real one.</summary>
internal sealed class OldRedis : IAsyncDisposable
{
    private const string Info = "redis_version:6.2.14\r\nredis_mode:standalone\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public OldRedis()
    {
        _listener.Start();
        Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                // An array of bulk strings: how many, then a length and a text for each.
                var words = new string[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
                for (var i = 0; i < words.Length; i++)
                {
                    // Any bytes, each of which is a character, and the end of a line.
                    var word = new char[int.Parse((await reader.ReadLineAsync(_end.Token)).AsSpan(1), CultureInfo.InvariantCulture) + 2];
                    await reader.ReadBlockAsync(word, _end.Token);
                    words[i] = new string(word[..^2]);
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer(words)), _end.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // One end is gone.
        }
    }

    private static string Answer(string[] words) => words[0].ToUpperInvariant() switch
    {
        "PING" => "+PONG\r\n",
        "ECHO" => Bulk(words[1]),
        "INFO" => Bulk(Info),
        "SELECT" or "CLIENT" => "+OK\r\n",
        _ => $"-ERR unknown command '{words[0]}'\r\n",
    };

    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";
}
