using System.Buffers;
using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;

namespace EventBroker.Endpoints.Rest;

// Reads the JSON form of an AckRequest and writes that of an AckResponse.
internal static class AckJson
{
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
                    JsonFields.Skip(ref reader);
                }
            }

            reader.Read();
            return [.. entries];
        }
        catch (Exception exception) when (JsonFields.IsFault(exception))
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
        var fields = default(AckFields);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (!fields.TryRead(ref reader))
            {
                JsonFields.Skip(ref reader);
            }
        }

        return fields.ToEntry();
    }
}
