using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace EventBroker.FunctionalTests.Clients;

internal sealed class WebSocketClient : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[1024 * 1024];

    private WebSocketClient(ClientWebSocket socket) => Socket = socket;

    public ClientWebSocket Socket { get; }

    public static async Task<WebSocketClient> OpenAsync(Uri server, string path, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        configure?.Invoke(socket.Options);
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(new Uri($"ws://{server.Authority}{path}"), CancellationToken.None);
        return new WebSocketClient(socket);
    }

    public Task SendAsync(string frame) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, CancellationToken.None);

    // Null for a close frame.
    public async Task<JsonElement?> ReadAsync()
    {
        var length = 0;
        while (true)
        {
            var result = await Socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += result.Count;
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (result.EndOfMessage)
            {
                return JsonDocument.Parse(_buffer.AsMemory(0, length).ToArray()).RootElement;
            }
        }
    }

    public async Task<JsonElement> ReadMessageAsync()
    {
        var frame = await ReadAsync();
        Assert.Equal("message", frame?.GetProperty("type").GetString());
        return frame!.Value;
    }

    // Reads up to the close frame and answers it.
    public async Task<WebSocketCloseStatus?> ReadCloseAsync()
    {
        while (await ReadAsync() is not null)
        {
        }

        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        return Socket.CloseStatus;
    }

    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return default;
    }
}
