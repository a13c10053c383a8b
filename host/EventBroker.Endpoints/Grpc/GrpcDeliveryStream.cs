using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// Writes gRPC frames straight into the response: five bytes of header, the message's bytes as they are shared by all subscribers,
// and behind them what differs. Protobuf allows fields in any order, so that is a valid event.v1.Message.
internal sealed class GrpcDeliveryStream(BrokerSubscription subscription, StreamConnection connection, PipeWriter writer, WriteTurn? turn)
    : DeliveryStream(subscription, connection), IHasHeartbeat
{
    // A message with nothing in it.
    private static readonly byte[] Heartbeat = new byte[HeaderLength];

    private const int HeaderLength = 5;

    // Retry count, ack id and count of missed ones, and the cursor's tag and length; the cursor's text comes on top.
    private const int MaxSuffixLength = (4 * (2 + ProtoWire.MaxVarintLength)) + AckId.MaxLength;

    // Up to here a frame is written in one piece; a larger one would ask the pipe for a block of its own.
    private const int OnePiece = 2048;

    // Left out while messages are being written: they are a sign of life themselves.
    public ValueTask BeatAsync() => turn!.TryWriteAsync(async () => await writer.WriteAsync(Heartbeat, Connection.Aborted));

    protected override ValueTask EnterAsync() => turn is null ? default : turn.EnterAsync();

    protected override void Exit() => turn?.Exit();

    protected override int Write(in OutboundDelivery delivery)
    {
        Span<byte> suffix = stackalloc byte[MaxSuffixLength + Subscription.MaxCursorLength];
        suffix = suffix[..WriteSuffix(in delivery, suffix)];
        var message = delivery.Message.Bytes.Span;
        var length = message.Length + suffix.Length;
        var room = writer.GetSpan(length <= OnePiece ? HeaderLength + length : HeaderLength);
        room[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(room[1..], length);
        if (length <= OnePiece)
        {
            message.CopyTo(room[HeaderLength..]);
            suffix.CopyTo(room[(HeaderLength + message.Length)..]);
            writer.Advance(HeaderLength + length);
        }
        else
        {
            writer.Advance(HeaderLength);
            writer.Write(message);
            writer.Write(suffix);
        }

        return HeaderLength + length;
    }

    protected override async ValueTask<bool> FlushAsync() => !(await writer.FlushAsync(Connection.Aborted)).IsCompleted;

    private int WriteSuffix(in OutboundDelivery delivery, Span<byte> suffix)
    {
        var at = 0;
        if (delivery.RetryCount > 0)
        {
            suffix[at++] = 0x30;
            at += ProtoWire.WriteVarint(suffix[at..], (ulong)delivery.RetryCount);
        }

        var ackId = Subscription.FormatAckId(in delivery, suffix[(at + 2)..]);
        if (ackId > 0)
        {
            suffix[at] = 0x3A;
            suffix[at + 1] = (byte)ackId;
            at += 2 + ackId;
        }

        // Field 100; its length takes one byte or two, so the text is moved once it is known.
        var cursor = Subscription.FormatCursor(in delivery, suffix[(at + 4)..]);
        if (cursor > 0)
        {
            suffix[at] = 0xA2;
            suffix[at + 1] = 0x06;
            var size = ProtoWire.WriteVarint(suffix[(at + 2)..], (ulong)cursor);
            if (size == 1)
            {
                suffix.Slice(at + 4, cursor).CopyTo(suffix[(at + 3)..]);
            }

            at += 2 + size + cursor;
        }

        if (delivery.Missed > 0)
        {
            suffix[at++] = 0xA8;
            suffix[at++] = 0x06;
            at += ProtoWire.WriteVarint(suffix[at..], (ulong)delivery.Missed);
        }

        return at;
    }
}
