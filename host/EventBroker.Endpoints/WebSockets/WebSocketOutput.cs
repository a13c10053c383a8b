using System.Net.WebSockets;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.WebSockets;

// What is sent over one connection, in turns: deliveries, replies and heartbeats.
internal sealed class WebSocketOutput(WebSocket socket, PingedStream? pinged, WriteTurn turn, StreamConnection connection, bool isMultiplexed)
    : IHasHeartbeat
{
    // Over HTTP/1.1 a cut brings a blocked send back without it, and the socket sends faster if it has not to listen to a token.
    private readonly CancellationToken _aborted = isMultiplexed ? connection.Aborted : CancellationToken.None;

    public WriteTurn Turn => turn;

    // Once the connection is cut or gone, a send may just come back.
    public bool IsOpen => !connection.IsCut && socket.State is WebSocketState.Open or WebSocketState.CloseReceived;

    // While a frame is being handled nothing is read, so nothing can be said of the client.
    public bool IsHandling { get; set; }

    bool IHasHeartbeat.IsUnanswered => pinged is { IsUnanswered: true } && !IsHandling;

    // Left out while messages are being sent: they are a sign of life themselves.
    public ValueTask BeatAsync() => turn.TryWriteAsync(BeatNowAsync);

    void IHasHeartbeat.GiveUp() => connection.Cut("its client has not answered a ping in time");

    public Task SendAsync(byte[] frame) => turn.WriteAsync(() => SendFrameAsync(frame)).AsTask();

    private async ValueTask BeatNowAsync()
    {
        await SendFrameAsync(ServerFrames.Heartbeat);
        if (pinged is not null && IsOpen)
        {
            await pinged.PingAsync(connection.Aborted);
        }
    }

    // For whoever's turn it is.
    public ValueTask SendFrameAsync(ReadOnlyMemory<byte> frame) =>
        socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, _aborted);
}
