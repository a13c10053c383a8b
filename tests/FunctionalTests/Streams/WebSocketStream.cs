using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Streams;

internal sealed class WebSocketStream : StreamClient
{
    // What came while a result was waited for.
    private readonly Queue<Received> _early = new();
    private readonly WebSocketClient _socket;

    private WebSocketStream(WebSocketClient socket) => _socket = socket;

    public static async Task<WebSocketStream> OpenAsync(IServedBroker host, string eventName, StreamOptions options) =>
        new(await WebSocketClient.OpenAsync(host.HttpAddress, $"/v1/events/{eventName}/subscribe?{options.ToQuery()}"));

    public override async Task<Received> ReadAsync() =>
        _early.TryDequeue(out var early) ? early : Received.Of(await ReadFrameAsync("message"));

    public override async Task<string> SettleAsync(string ackId, string error = "", TimeSpan? delay = null, TimeSpan? extend = null)
    {
        await _socket.SendAsync(JsonSerializer.Serialize(new
        {
            type = "ack",
            ack_id = ackId,
            error,
            nack_delay = StreamText.Of(delay),
            extend = StreamText.Of(extend),
            results = true,
        }));
        return (await ReadFrameAsync("ack_result")).GetProperty("result").GetString()!;
    }

    public override ValueTask DisposeAsync() => _socket.DisposeAsync();

    private async Task<JsonElement> ReadFrameAsync(string wanted)
    {
        while (true)
        {
            var frame = await _socket.ReadAsync();
            Assert.NotNull(frame);
            var type = frame.Value.GetProperty("type").GetString();
            if (type == wanted)
            {
                return frame.Value;
            }

            switch (type)
            {
                case "resumed":
                    Resumed = frame.Value.GetProperty("outcome").GetString();
                    break;
                case "message":
                    _early.Enqueue(Received.Of(frame.Value));
                    break;
                default:
                    Assert.Contains(type, (string?[])["heartbeat", "waiting", "subscribed"]);
                    break;
            }
        }
    }
}
