using System.Net.Sockets;
using System.Text;

namespace EventBroker.FunctionalTests.Stalled;

// HTTP/1.1: SSE, or a WebSocket.
internal sealed class StalledSocket : StalledClient
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly StringBuilder _text = new();

    private StalledSocket(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<StalledSocket> OpenAsync(Uri address, string path, bool isUpgrade)
    {
        var client = new TcpClient { ReceiveBufferSize = 8192 };
        await client.ConnectAsync(address.Host, address.Port);
        var socket = new StalledSocket(client);
        var upgrade = isUpgrade
            ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "";
        await socket._stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{upgrade}\r\n"));
        await socket.ReadUpToAsync(isUpgrade ? "\r\n\r\n" : ": connected");
        return socket;
    }

    public override async Task ReadUpToAsync(string text)
    {
        var buffer = new byte[1];
        while (!_text.ToString().Contains(text, StringComparison.Ordinal))
        {
            Assert.Equal(1, await _stream.ReadAsync(buffer));
            _text.Append((char)buffer[0]);
        }

        _text.Clear();
    }

    public async Task SendTextFrameAsync(string text)
    {
        // Masked, as clients have to, by zeros; the length in two bytes.
        var bytes = Encoding.UTF8.GetBytes(text);
        await _stream.WriteAsync((byte[])[0x81, 0x80 | 126, (byte)(bytes.Length >> 8), (byte)bytes.Length, 0, 0, 0, 0, .. bytes]);
    }

    public override async Task<int?> ReadUpToCutAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Cut with bytes still on their way.
        }

        return null;
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return default;
    }
}
