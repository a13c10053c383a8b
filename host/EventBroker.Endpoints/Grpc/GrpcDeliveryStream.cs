using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Streaming;
using EventBroker.Protos.Event.V1;
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

    // Retry count, ack id, cursor and count of missed ones, without the texts of two of them.
    private const int MaxSuffixHeaders = 4 * ProtoFieldWriter.MaxHeaderLength;

    // Up to here a frame is written in one piece; a larger one would ask the pipe for a block of its own.
    private const int OnePiece = 2048;

    // Left out while messages are being written: they are a sign of life themselves.
    public ValueTask BeatAsync() => turn!.TryWriteAsync(async () => await writer.WriteAsync(Heartbeat, Connection.Aborted));

    protected override ValueTask EnterAsync() => turn is null ? default : turn.EnterAsync();

    protected override void Exit() => turn?.Exit();

    protected override int Write(in OutboundDelivery delivery)
    {
        Span<byte> suffix = stackalloc byte[MaxSuffixHeaders + AckId.MaxLength + Subscription.MaxCursorLength];
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
        var fields = new ProtoFieldWriter(suffix);
        if (delivery.RetryCount > 0)
        {
            fields.WriteVarint(Message.RetryCountFieldNumber, (ulong)delivery.RetryCount);
        }

        Span<byte> text = stackalloc byte[Math.Max(AckId.MaxLength, Subscription.MaxCursorLength)];
        var ackId = Subscription.FormatAckId(in delivery, text);
        if (ackId > 0)
        {
            fields.WriteBytes(Message.AckIdFieldNumber, text[..ackId]);
        }

        var cursor = Subscription.FormatCursor(in delivery, text);
        if (cursor > 0)
        {
            fields.WriteBytes(Message.CursorFieldNumber, text[..cursor]);
        }

        if (delivery.Missed > 0)
        {
            fields.WriteVarint(Message.MissedFieldNumber, (ulong)delivery.Missed);
        }

        return fields.Length;
    }
}
