using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.Sse;

// Writes server-sent events straight into the response.
internal sealed class SseDeliveryStream(
    BrokerSubscription subscription, StreamConnection connection, WriteTurn turn, EventPrefixes prefixes, PipeWriter writer, bool writesIds)
    : DeliveryStream(subscription, connection), IHasHeartbeat
{
    // id:, event:, data: and line ends.
    private const int MaxFraming = 32;

    // Left out while messages are being written: they are a sign of life themselves.
    public ValueTask BeatAsync() => turn.TryWriteAsync(async () => await writer.WriteAsync(SseEvents.Heartbeat, Connection.Aborted));

    protected override ValueTask EnterAsync() => turn.EnterAsync();

    protected override void Exit() => turn.Exit();

    // In one piece of the pipe: asking it for room costs more than all the copying.
    protected override int Write(in OutboundDelivery delivery)
    {
        Span<byte> texts = stackalloc byte[AckId.MaxLength + Subscription.MaxCursorLength];
        ReadOnlySpan<byte> ackId = texts[..Subscription.FormatAckId(in delivery, texts)];
        ReadOnlySpan<byte> cursor = texts.Slice(AckId.MaxLength, Subscription.FormatCursor(in delivery, texts[AckId.MaxLength..]));
        var prefix = prefixes.Get(in delivery);
        var room = writer.GetSpan(
            MaxFraming + cursor.Length + MessageJson.MaxSuffixLength(ackId, cursor)
            + (prefix.IsEmpty ? MessageJson.MaxPrefixLength(delivery.Message) : prefix.Length));
        var at = 0;
        if (writesIds && !cursor.IsEmpty)
        {
            at += Put("id: "u8, room);
            at += Put(cursor, room[at..]);
            at += Put("\n"u8, room[at..]);
        }

        at += Put("event: message\ndata: "u8, room[at..]);
        at += prefix.IsEmpty ? MessageJson.WritePrefix(delivery.Message, room[at..]) : Put(prefix, room[at..]);
        at += MessageJson.WriteSuffix(in delivery, ackId, cursor, room[at..]);
        at += Put("\n\n"u8, room[at..]);
        writer.Advance(at);
        return at;
    }

    protected override async ValueTask<bool> FlushAsync() => !(await writer.FlushAsync(Connection.Aborted)).IsCompleted;

    private static int Put(ReadOnlySpan<byte> text, Span<byte> room)
    {
        text.CopyTo(room);
        return text.Length;
    }
}
