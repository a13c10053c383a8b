using System.Buffers;
using System.Text;
using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.Rest;

// Reads the JSON form of an AckRequest and writes that of an AckResponse.
internal static class AckJson
{
    private const int AckIdField = 0;
    private const int ErrorField = 1;
    private const int DelayField = 2;
    private const int ExtendField = 3;

    public static SettleEntry[] Decode(ReadOnlySpan<byte> body, int maxEntries)
    {
        if (body.Trim(" \r\n\t"u8).IsEmpty)
        {
            return [];
        }

        var reader = new Utf8JsonReader(body, JsonFields.Options);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw JsonFields.Invalid("the body must be an object");
            }

            var entries = new List<SettleEntry>();
            var seen = 0u;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (reader.ValueTextEquals("entries"u8))
                {
                    JsonFields.Once(ref seen, 0, "entries");
                    reader.Read();
                    ReadEntries(ref reader, entries, maxEntries);
                }
                else
                {
                    reader.Skip();
                }
            }

            reader.Read();
            return [.. entries];
        }
        catch (JsonException exception)
        {
            throw JsonFields.Invalid(exception);
        }
    }

    public static ReadOnlyMemory<byte> Encode(ReadOnlySpan<SettleEntry> entries)
    {
        var buffer = new ArrayBufferWriter<byte>(16 + (24 * entries.Length));
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        foreach (ref readonly var entry in entries)
        {
            json.WriteStringValue(Name(entry.Result));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static ReadOnlySpan<byte> Name(SettleResult result) => result switch
    {
        SettleResult.Settled => "ACK_RESULT_SETTLED"u8,
        SettleResult.Expired => "ACK_RESULT_EXPIRED"u8,
        SettleResult.Unknown => "ACK_RESULT_UNKNOWN"u8,
        SettleResult.NotYours => "ACK_RESULT_NOT_YOURS"u8,
        SettleResult.Invalid => "ACK_RESULT_INVALID"u8,
        SettleResult.Failed => "ACK_RESULT_FAILED"u8,
        _ => "ACK_RESULT_UNSPECIFIED"u8,
    };

    private static void ReadEntries(ref Utf8JsonReader reader, List<SettleEntry> entries, int maxEntries)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonFields.Invalid("entries must be an array");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (entries.Count == maxEntries)
            {
                throw Limits.TooManyItems("entries", maxEntries);
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw JsonFields.Invalid($"entry {entries.Count} must be an object");
            }

            entries.Add(ReadEntry(ref reader));
        }
    }

    private static SettleEntry ReadEntry(ref Utf8JsonReader reader)
    {
        byte[]? ackId = null, error = null;
        TimeSpan? delay = null, extend = null;
        var seen = 0u;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("ackId"u8) || reader.ValueTextEquals("ack_id"u8))
            {
                JsonFields.Once(ref seen, AckIdField, "ack_id");
                reader.Read();
                ackId = JsonFields.ReadText(ref reader, "ack_id");
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                JsonFields.Once(ref seen, ErrorField, "error");
                reader.Read();
                error = JsonFields.ReadText(ref reader, "error");
            }
            else if (reader.ValueTextEquals("nackDelay"u8) || reader.ValueTextEquals("nack_delay"u8))
            {
                JsonFields.Once(ref seen, DelayField, "nack_delay");
                reader.Read();
                delay = ReadDuration(ref reader, "nack_delay");
            }
            else if (reader.ValueTextEquals("extend"u8))
            {
                JsonFields.Once(ref seen, ExtendField, "extend");
                reader.Read();
                extend = ReadDuration(ref reader, "extend");
            }
            else
            {
                reader.Skip();
            }
        }

        return Settlements.Make(ackId, error is null ? null : Encoding.UTF8.GetString(error), delay, extend);
    }

    private static TimeSpan? ReadDuration(ref Utf8JsonReader reader, string field)
    {
        if (JsonFields.ReadText(ref reader, field) is not { } text)
        {
            return null;
        }

        return GoDuration.TryParse(Encoding.UTF8.GetString(text), out var duration)
            ? duration
            : throw JsonFields.Invalid($"{field} must be {GoDuration.Form}");
    }
}
