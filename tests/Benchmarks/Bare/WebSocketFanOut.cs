using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Benchmarks.Bare;

/// <summary>Sends the same bytes, framed beforehand, to every open WebSocket: straight into the upgraded connection,
/// since WebSocket.SendAsync would flush each frame of a burst on its own.</summary>
internal sealed class WebSocketFanOut
{
    private static readonly byte[] Frame = TextFrame(Encoding.UTF8.GetBytes(SampleMessage.DeliveryJson));

    private readonly ConnectionSet<Stream> _connections = new();

    public async Task SubscribeAsync(HttpContext context)
    {
        var response = context.Response.Headers;
        response.Upgrade = "websocket";
        response.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString());
        var upgrade = context.Features.Get<IHttpUpgradeFeature>()
            ?? throw new InvalidOperationException("This server does not upgrade connections.");
        await using var stream = await upgrade.UpgradeAsync();
        await _connections.HoldAsync(stream, context.RequestAborted);
    }

    public async Task SendAsync(int burst)
    {
        var bytes = SampleMessage.Repeat(Frame, burst);
        foreach (var connection in _connections.Current)
            await connection.WriteAsync(bytes);
    }

#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1; it protects nothing here.
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static byte[] TextFrame(byte[] text)
    {
        var frame = new byte[4 + text.Length];
        frame[0] = 0x81;
        frame[1] = 126;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), checked((ushort)text.Length));
        text.CopyTo(frame, 4);
        return frame;
    }
}
