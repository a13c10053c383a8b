using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Rest;

// Reads the JSON form of a PublishRequest straight into an encoded message.
internal static class PublishJson
{
    // Beyond the highest limit that BrokerOptions allows.
    private const int MaxEntries = 10_000;
    private const int Headroom = 96;

    private const int Event = 0;
    private const int Id = 1;
    private const int Payload = 2;
    private const int Metadata = 3;

    public static MessageEncoder Decode(ReadOnlySpan<byte> body)
    {
        var message = new MessageEncoder(body.Length + Headroom);
        if (body.Trim(" \r\n\t"u8).IsEmpty)
        {
            return message;
        }

        var reader = new Utf8JsonReader(body, JsonFields.Options);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw JsonFields.Invalid("the body must be an object");
            }

            var seen = 0u;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                ReadField(ref reader, ref seen, message);
            }

            // Anything behind the object is an error, which the reader reports.
            reader.Read();
            return message;
        }
        catch (Exception exception) when (JsonFields.IsFault(exception))
        {
            throw JsonFields.Invalid(exception);
        }
    }

    private static void ReadField(ref Utf8JsonReader reader, ref uint seen, MessageEncoder message)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            JsonFields.Once(ref seen, Id, "id");
            reader.Read();
            message.WriteId(JsonFields.ReadText(ref reader, "id"));
        }
        else if (reader.ValueTextEquals("payload"u8))
        {
            JsonFields.Once(ref seen, Payload, "payload");
            reader.Read();
            ReadPayload(ref reader, message);
        }
        else if (reader.ValueTextEquals("metadata"u8))
        {
            JsonFields.Once(ref seen, Metadata, "metadata");
            reader.Read();
            ReadMetadata(ref reader, message);
        }
        else if (reader.ValueTextEquals("event"u8))
        {
            // The path wins, but it must be what the contract says.
            JsonFields.Once(ref seen, Event, "event");
            reader.Read();
            JsonFields.ReadText(ref reader, "event");
        }
        else
        {
            JsonFields.Skip(ref reader);
        }
    }

    private static void ReadPayload(ref Utf8JsonReader reader, MessageEncoder message)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw JsonFields.Invalid("payload must be a string in base64");
        }

        // Escapes are rare in base64, but "\/" is allowed.
        var text = reader.ValueIsEscaped ? JsonFields.Unescape(ref reader, "payload") : reader.ValueSpan;
        if (!Base64Text.TryWritePayload(text, message))
        {
            throw JsonFields.Invalid("payload is not valid base64");
        }
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, MessageEncoder message)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonFields.Invalid("metadata must be an object of strings");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonFields.Unescape(ref reader, "a key of metadata");
            if (!keys.Add(System.Text.Encoding.UTF8.GetString(key)))
            {
                throw JsonFields.Invalid("a key of metadata is given twice");
            }

            if (keys.Count > MaxEntries)
            {
                throw new BrokerException(BrokerErrorCode.InvalidArgument, $"metadata has more than {MaxEntries} entries");
            }

            reader.Read();
            var value = JsonFields.ReadText(ref reader, "a value of metadata")
                ?? throw JsonFields.Invalid("a value of metadata must be a string");
            message.WriteMetadata(key, value);
        }
    }
}
