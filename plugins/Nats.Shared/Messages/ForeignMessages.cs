using System.Buffers;
using System.Globalization;
using System.Text;
using EventBroker.Sdk.Messages;
using NATS.Client.Core;

namespace EventBroker.Nats.Messages;

/// <summary>Messages of other NATS clients, whose payload is theirs and whose headers are the metadata.</summary>
internal static class ForeignMessages
{
    private const string Source = "nats";

    /// <summary>Makes a message of what another client has published.</summary>
    /// <param name="headers">The encoded headers; empty for none.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="id">The id of a message that brings none.</param>
    /// <param name="timestamp">When it was published, as far as is known.</param>
    /// <param name="parser">The connection's reader of headers.</param>
    public static EncodedMessage Read(
        ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload, string id, MessageTimestamp timestamp, NatsHeaderParser parser)
    {
        var metadata = new List<KeyValuePair<string, string>>();
        if (!headers.IsEmpty)
        {
            var parsed = new NatsHeaders();
            parser.ParseHeaders(new SequenceReader<byte>(headers), parsed);
            foreach (var (key, values) in parsed)
            {
                if (key == HeaderNames.MessageId)
                {
                    id = values.ToString();
                }
                else
                {
                    metadata.Add(KeyValuePair.Create(key, string.Join(',', values.ToArray())));
                }
            }
        }

        return MessageEncoder.Encode(id, Source, payload.ToArray(), metadata, timestamp);
    }
}
