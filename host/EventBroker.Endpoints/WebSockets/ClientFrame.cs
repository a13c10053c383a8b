using System.Text;
using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.Streaming;
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
        var reader = new Utf8JsonReader(json);
        var fields = new Fields();
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw JsonFields.Invalid("a frame must be an object");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = JsonFields.ReadName(ref reader);
                reader.Read();
                fields.Read(name, ref reader);
            }

            reader.Read();
        }
        catch (JsonException exception)
        {
            throw JsonFields.Invalid(exception);
        }

        return fields.ToFrame();
    }

    private struct Fields
    {
        private uint _seen;
        private byte[]? _type;
        private byte[]? _ackId;
        private byte[]? _error;
        private TimeSpan? _delay;
        private TimeSpan? _extend;
        private bool _results;

        public void Read(string name, ref Utf8JsonReader reader)
        {
            var field = Array.IndexOf(["type", "ack_id", "error", "nack_delay", "extend", "results"], name);
            if (field < 0)
            {
                reader.Skip();
                return;
            }

            JsonFields.Once(ref _seen, field, name);
            switch (name)
            {
                case "type":
                    _type = JsonFields.ReadText(ref reader, name);
                    break;
                case "ack_id":
                    _ackId = JsonFields.ReadText(ref reader, name);
                    break;
                case "error":
                    _error = JsonFields.ReadText(ref reader, name);
                    break;
                case "nack_delay":
                    _delay = ReadDuration(ref reader, name);
                    break;
                case "extend":
                    _extend = ReadDuration(ref reader, name);
                    break;
                default:
                    _results = reader.TokenType switch
                    {
                        JsonTokenType.True => true,
                        JsonTokenType.False or JsonTokenType.Null => false,
                        _ => throw JsonFields.Invalid("results must be true or false"),
                    };
                    break;
            }
        }

        public readonly ClientFrame ToFrame()
        {
            if (_type is null)
            {
                throw JsonFields.Invalid("a frame needs a type; allowed: ack");
            }

            if (!_type.AsSpan().SequenceEqual("ack"u8))
            {
                throw new BrokerException(BrokerErrorCode.InvalidArgument, "unknown type of frame; allowed: ack");
            }

            return new ClientFrame
            {
                AckId = _ackId is null ? "" : Encoding.UTF8.GetString(_ackId),
                Entry = Settlements.Make(_ackId, _error is null ? null : Encoding.UTF8.GetString(_error), _delay, _extend),
                WantsResult = _results,
            };
        }

        private static TimeSpan? ReadDuration(ref Utf8JsonReader reader, string name)
        {
            if (JsonFields.ReadText(ref reader, name) is not { } text)
            {
                return null;
            }

            return GoDuration.TryParse(Encoding.UTF8.GetString(text), out var duration)
                ? duration
                : throw JsonFields.Invalid($"{name} must be {GoDuration.Form}");
        }
    }
}
