using System.Buffers;
using System.Net.WebSockets;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Transports;

namespace EventBroker.Endpoints.WebSockets;

// Sends each message as a text frame of its own. A chunk is encoded into one pooled buffer, which is given back once it is sent.
#pragma warning disable CA1001 // The semaphore holds nothing that needs disposing, since nobody asks for its wait handle.
internal sealed class WebSocketDeliveryStream(BrokerSubscription subscription, EventPrefixes prefixes, WebSocket socket)
    : DeliveryStream(subscription), IHasHeartbeat
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private byte[] _buffer = [];
    private int _length;

    // Left out while messages are being sent: they are a sign of life themselves.
    public async Task BeatAsync()
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            await SendFrameAsync(ServerFrames.Heartbeat);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task SendAsync(byte[] frame)
    {
        await _turn.WaitAsync();
        try
        {
            await SendFrameAsync(frame);
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override ValueTask EnterAsync() => new(_turn.WaitAsync());

    protected override void Exit()
    {
        _turn.Release();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        _length = 0;
    }

    // Four bytes of length before each frame.
    protected override int Write(in OutboundDelivery delivery)
    {
        Span<byte> texts = stackalloc byte[AckId.MaxLength + SubscribeOptions.MaxCursorLength];
        ReadOnlySpan<byte> ackId = texts[..Subscription.FormatAckId(in delivery, texts)];
        ReadOnlySpan<byte> cursor = texts.Slice(AckId.MaxLength, Subscription.FormatCursor(in delivery, texts[AckId.MaxLength..]));
        var prefix = prefixes.Get(in delivery);
        var bound = sizeof(int) + MessageJson.MaxSuffixLength(ackId, cursor)
            + (prefix.IsEmpty ? MessageJson.MaxPrefixLength(delivery.Message) : prefix.Length);
        var room = Room(bound);
        var at = sizeof(int);
        if (prefix.IsEmpty)
        {
            at += MessageJson.WritePrefix(delivery.Message, room[at..]);
        }
        else
        {
            prefix.CopyTo(room[at..]);
            at += prefix.Length;
        }

        at += MessageJson.WriteSuffix(in delivery, ackId, cursor, room[at..]);
        BitConverter.TryWriteBytes(room, at - sizeof(int));
        _length += at;
        return at;
    }

    protected override async ValueTask<bool> FlushAsync()
    {
        var at = 0;
        while (at < _length)
        {
            var length = BitConverter.ToInt32(_buffer, at);
            at += sizeof(int);
            await SendFrameAsync(_buffer.AsMemory(at, length));
            at += length;
        }

        return true;
    }

    private ValueTask SendFrameAsync(ReadOnlyMemory<byte> frame) =>
        socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, Math.Max(4096, _buffer.Length * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }
}
