using System.Text;
using EventBroker.Client;
using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Remote.Messages;

/// <summary>Messages between the form in which brokers keep them and the one in which the client takes and gives them.</summary>
internal static class WireMessages
{
    public static OutgoingMessage ToOutgoing(EncodedMessage message)
    {
        var id = "";
        var source = "";
        var payload = ReadOnlyMemory<byte>.Empty;
        Dictionary<string, string>? metadata = null;
        var bytes = message.Bytes.Span;
        var reader = message.CreateReader();
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case MessageField.Id:
                    id = Encoding.UTF8.GetString(reader.Value);
                    break;
                case MessageField.Source:
                    source = Encoding.UTF8.GetString(reader.Value);
                    break;
                case MessageField.Payload when bytes.Overlaps(reader.Value, out var offset):
                    // The same memory: the bytes of a message never change.
                    payload = message.Bytes.Slice(offset, reader.Value.Length);
                    break;
                case MessageField.Metadata:
                    metadata ??= new Dictionary<string, string>(StringComparer.Ordinal);
                    metadata[Encoding.UTF8.GetString(reader.Key)] = Encoding.UTF8.GetString(reader.Value);
                    break;
                default:
                    // The broker behind stamps its own time.
                    break;
            }
        }

        return new OutgoingMessage { Id = id, Source = source, Payload = payload, Metadata = metadata };
    }

    public static EncodedMessage ToEncoded(EventBroker.Client.Delivery delivery) => MessageEncoder.Encode(
        delivery.Id, delivery.Source, delivery.Payload.Span, delivery.Metadata, MessageTimestamp.From(delivery.Timestamp));
}
