using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using static EventBroker.FunctionalTests.Clients.Http2Frames;

namespace EventBroker.FunctionalTests.Stalled;

// HTTP/2 by hand: a client library would read ahead, and give windows back. Answers pings for as long as it reads.
internal sealed class StalledHttp2 : StalledClient
{
    private const int Stream = 1;
    private static readonly byte[] Huge = [0x7F, 0, 0, 0];

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private StalledHttp2(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static async Task<StalledHttp2> SubscribeAsync(Uri address, string eventName, bool grantsWindow)
    {
        var client = await OpenAsync(address, grantsWindow);
        var request = new SubscribeRequest { Event = eventName, DeliveryMode = DeliveryMode.WorkerPool }.ToByteArray();
        await client.SendAsync(Headers, EndHeaders, Stream, Call(address, "event.v1.EventService/Subscribe"));
        await client.SendAsync(Data, EndStream, Stream, [0, 0, 0, 0, (byte)request.Length, .. request]);
        await client.ReadHeadersAsync();
        return client;
    }

    // A WebSocket over HTTP/2 (RFC 8441), with all the window that there is.
    public static async Task<StalledHttp2> ConnectAsync(Uri address, string path)
    {
        var client = await OpenAsync(address, grantsWindow: true);
        await client.SendAsync(Headers, EndHeaders, Stream, Encode(
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "http"),
            (":path", path),
            (":authority", address.Authority),
            ("sec-websocket-version", "13")));
        await client.ReadHeadersAsync();
        return client;
    }

    public override async Task ReadUpToAsync(string text)
    {
        var seen = new StringBuilder();
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var (type, flags, payload) = await ReadAsync();
            Assert.True(type is not (Reset or GoAway) && (type != Headers || (flags & EndStream) == 0), "the stream has ended");
            if (type == Data)
            {
                seen.Append(Encoding.Latin1.GetString(payload));
            }
        }
    }

    public override async Task<int?> ReadUpToCutAsync()
    {
        while (true)
        {
            var (type, _, payload) = await ReadAsync();
            if (type == Reset)
            {
                return BinaryPrimitives.ReadInt32BigEndian(payload);
            }
        }
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return default;
    }

    private static async Task<StalledHttp2> OpenAsync(Uri address, bool grantsWindow)
    {
        var client = new TcpClient { ReceiveBufferSize = 8192 };
        await client.ConnectAsync(address.Host, address.Port);
        var http2 = new StalledHttp2(client);
        await http2._stream.WriteAsync(Preface.ToArray());

        // Setting 4 is the window of each stream; the connection's is given by an update.
        await http2.SendAsync(Settings, 0, 0, grantsWindow ? [0, 4, .. Huge] : []);
        if (grantsWindow)
        {
            await http2.SendAsync(WindowUpdate, 0, 0, Huge);
        }

        return http2;
    }

    private async Task ReadHeadersAsync()
    {
        while (true)
        {
            var (type, flags, _) = await ReadAsync();
            if (type == Headers)
            {
                Assert.Equal(0, flags & EndStream);
                return;
            }
        }
    }

    // The next frame; settings and pings are answered on the way.
    private async Task<(byte Type, byte Flags, byte[] Payload)> ReadAsync()
    {
        var header = new byte[HeaderLength];
        await _stream.ReadExactlyAsync(header);
        var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
        await _stream.ReadExactlyAsync(payload);
        var (type, flags) = (header[3], header[4]);
        if (type is Settings or Ping && (flags & Ack) == 0)
        {
            await SendAsync(type, Ack, 0, type == Ping ? payload : []);
        }

        return (type, flags, payload);
    }

    private Task SendAsync(byte type, byte flags, int stream, byte[] payload) =>
        _stream.WriteAsync(Frame(type, flags, stream, payload)).AsTask();
}
