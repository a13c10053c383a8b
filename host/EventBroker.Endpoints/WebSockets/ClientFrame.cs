using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Json;
using EventBroker.Endpoints.Rest;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.WebSockets;

// A frame from the client: {"type":"ack","ack_id":"…"}, with "error" a nack. Our additions: "nack_delay" with a nack, "extend" instead of
// either, "results":true for an answer.
internal sealed class ClientFrame
{
    public required string AckId { get; init; }

    public required SettleEntry Entry { get; init; }

    public required bool WantsResult { get; init; }

    // Faults are BrokerExceptions that name them.
    public static ClientFrame Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonFields.Options);
        var fields = default(AckFields);
        byte[]? type = null;
        var results = false;
        var seen = 0u;
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw JsonFields.Invalid("a frame must be an object");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                if (fields.TryRead(ref reader))
                {
                    continue;
                }

                if (reader.ValueTextEquals("type"u8))
                {
                    JsonFields.Once(ref seen, 0, "type");
                    reader.Read();
                    type = JsonFields.ReadText(ref reader, "type");
                }
                else if (reader.ValueTextEquals("results"u8))
                {
                    JsonFields.Once(ref seen, 1, "results");
                    reader.Read();
                    results = JsonFields.ReadBoolean(ref reader, "results");
                }
                else
                {
                    JsonFields.Skip(ref reader);
                }
            }

            reader.Read();
        }
        catch (Exception exception) when (JsonFields.IsFault(exception))
        {
            throw JsonFields.Invalid(exception);
        }

        if (type is null)
        {
            throw JsonFields.Invalid("a frame needs a type; allowed: ack");
        }

        return type.AsSpan().SequenceEqual("ack"u8)
            ? new ClientFrame { AckId = fields.AckId, Entry = fields.ToEntry(), WantsResult = results }
            : throw new BrokerException(BrokerErrorCode.InvalidArgument, "unknown type of frame; allowed: ack");
    }
}
