using System.Buffers;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.WebSockets;

// Sends each message as a text frame of its own. A chunk is encoded into one pooled buffer, which is given back once it is sent.
internal sealed class WebSocketDeliveryStream(
    BrokerSubscription subscription, StreamConnection connection, WebSocketOutput output, EventPrefixes prefixes)
    : DeliveryStream(subscription, connection)
{
    private byte[] _buffer = [];
    private int _length;

    protected override ValueTask EnterAsync() => output.Turn.EnterAsync();

    protected override void Exit()
    {
        output.Turn.Exit();
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
        Span<byte> texts = stackalloc byte[AckId.MaxLength + Subscription.MaxCursorLength];
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
        while (at < _length && output.IsOpen)
        {
            var length = BitConverter.ToInt32(_buffer, at);
            at += sizeof(int);
            await output.SendFrameAsync(_buffer.AsMemory(at, length));
            at += length;
        }

        return output.IsOpen;
    }

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
