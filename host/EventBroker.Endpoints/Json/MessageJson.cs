using System.Buffers.Text;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Json;

// The JSON form of a message for SSE and WebSocket. Its prefix is the same for every subscriber; the suffix, retry count, ack id,
// cursor and count of missed ones, is written for each.
internal static class MessageJson
{
    private const int FixedLength = 96 + Rfc3339.MaxLength;

    // An upper bound of what WritePrefix writes.
    public static int MaxPrefixLength(EncodedMessage message)
    {
        var length = FixedLength;
        var reader = message.CreateReader();
        while (reader.Read())
        {
            length += reader.Field switch
            {
                MessageField.Payload => Base64.GetMaxEncodedToUtf8Length(reader.Value.Length),
                MessageField.Metadata => 6 + JsonText.MaxLength(reader.Key) + JsonText.MaxLength(reader.Value),
                MessageField.Id or MessageField.Source => JsonText.MaxLength(reader.Value),
                _ => 0,
            };
        }

        return length;
    }

    // An upper bound of what WriteSuffix writes: the names, two numbers, and the texts.
    public static int MaxSuffixLength(ReadOnlySpan<byte> ackId, ReadOnlySpan<byte> cursor) =>
        96 + JsonText.MaxLength(ackId) + JsonText.MaxLength(cursor);

    // {"type":"message",… without the closing brace. The fields come in the order of the contract, whatever order they are encoded in.
    public static int WritePrefix(EncodedMessage message, Span<byte> destination)
    {
        ReadOnlySpan<byte> id = default, source = default, payload = default;
        MessageTimestamp? timestamp = null;
        var hasMetadata = false;
        var reader = message.CreateReader();
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case MessageField.Id:
                    id = reader.Value;
                    break;
                case MessageField.Source:
                    source = reader.Value;
                    break;
                case MessageField.Payload:
                    payload = reader.Value;
                    break;
                case MessageField.Timestamp:
                    timestamp = reader.Timestamp;
                    break;
                case MessageField.Metadata:
                    hasMetadata = true;
                    break;
            }
        }

        var at = Copy("{\"type\":\"message\""u8, destination);
        if (!id.IsEmpty)
        {
            at += Copy(",\"id\":"u8, destination[at..]);
            at += JsonText.WriteString(id, destination[at..]);
        }

        if (!source.IsEmpty)
        {
            at += Copy(",\"source\":"u8, destination[at..]);
            at += JsonText.WriteString(source, destination[at..]);
        }

        if (!payload.IsEmpty)
        {
            at += Copy(",\"payload\":"u8, destination[at..]);
            at += JsonText.WriteBase64(payload, destination[at..]);
        }

        if (hasMetadata)
        {
            at += WriteMetadata(message, destination[at..]);
        }

        return timestamp is { } time ? at + WriteTimestamp(time, destination[at..]) : at;
    }

    // What differs from subscriber to subscriber, and the closing brace.
    public static int WriteSuffix(in OutboundDelivery delivery, ReadOnlySpan<byte> ackId, ReadOnlySpan<byte> cursor, Span<byte> destination)
    {
        var at = 0;
        if (delivery.RetryCount > 0)
        {
            at += Copy(",\"retry_count\":"u8, destination);
            at += JsonText.WriteNumber(delivery.RetryCount, destination[at..]);
        }

        if (!ackId.IsEmpty)
        {
            at += Copy(",\"ack_id\":"u8, destination[at..]);
            at += JsonText.WriteString(ackId, destination[at..]);
        }

        if (!cursor.IsEmpty)
        {
            at += Copy(",\"cursor\":"u8, destination[at..]);
            at += JsonText.WriteString(cursor, destination[at..]);
        }

        if (delivery.Missed > 0)
        {
            at += Copy(",\"missed\":"u8, destination[at..]);
            at += JsonText.WriteNumber(delivery.Missed, destination[at..]);
        }

        destination[at++] = (byte)'}';
        return at;
    }

    private static int WriteMetadata(EncodedMessage message, Span<byte> destination)
    {
        var at = Copy(",\"metadata\":{"u8, destination);
        var first = true;
        var reader = message.CreateReader();
        while (reader.Read())
        {
            if (reader.Field != MessageField.Metadata)
            {
                continue;
            }

            if (!first)
            {
                destination[at++] = (byte)',';
            }

            first = false;
            at += JsonText.WriteString(reader.Key, destination[at..]);
            destination[at++] = (byte)':';
            at += JsonText.WriteString(reader.Value, destination[at..]);
        }

        destination[at++] = (byte)'}';
        return at;
    }

    private static int WriteTimestamp(MessageTimestamp time, Span<byte> destination)
    {
        var head = ",\"timestamp\":\""u8;
        var written = Rfc3339.Write(time, destination[head.Length..]);
        if (written == 0)
        {
            return 0;
        }

        head.CopyTo(destination);
        destination[head.Length + written] = (byte)'"';
        return head.Length + written + 1;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
