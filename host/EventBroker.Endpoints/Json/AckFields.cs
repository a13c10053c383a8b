using System.Text;
using System.Text.Json;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Rest;
using EventBroker.Endpoints.Streaming;

namespace EventBroker.Endpoints.Json;

// The fields of one settlement in JSON, the same in a body of REST and in a frame of a WebSocket.
internal struct AckFields
{
    private uint _seen;
    private byte[]? _ackId;
    private byte[]? _error;
    private TimeSpan? _delay;
    private TimeSpan? _extend;
    private bool _isRepeat;

    public readonly string AckId => _ackId is null ? "" : Encoding.UTF8.GetString(_ackId);

    // Reads the value of the field at whose name the reader stands; false if that is none of these.
    public bool TryRead(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("ack_id"u8) || reader.ValueTextEquals("ackId"u8))
        {
            _ackId = ReadText(ref reader, 0, "ack_id");
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            _error = ReadText(ref reader, 1, "error");
        }
        else if (reader.ValueTextEquals("nack_delay"u8) || reader.ValueTextEquals("nackDelay"u8))
        {
            _delay = ToDuration(ReadText(ref reader, 2, "nack_delay"), "nack_delay");
        }
        else if (reader.ValueTextEquals("extend"u8))
        {
            _extend = ToDuration(ReadText(ref reader, 3, "extend"), "extend");
        }
        else if (reader.ValueTextEquals("repeat"u8))
        {
            JsonFields.Once(ref _seen, 4, "repeat");
            reader.Read();
            _isRepeat = JsonFields.ReadBoolean(ref reader, "repeat");
        }
        else
        {
            return false;
        }

        return true;
    }

    public readonly SettleEntry ToEntry()
    {
        var entry = Settlements.Make(_ackId, _error is null ? null : Encoding.UTF8.GetString(_error), _delay, _extend);
        entry.IsRepeat = _isRepeat;
        return entry;
    }

    private byte[]? ReadText(ref Utf8JsonReader reader, int field, string name)
    {
        JsonFields.Once(ref _seen, field, name);
        reader.Read();
        return JsonFields.ReadText(ref reader, name);
    }

    private static TimeSpan? ToDuration(byte[]? text, string field) =>
        text is null ? null
        : SignedDuration.TryParse(Encoding.UTF8.GetString(text), out var duration) ? duration
        : throw JsonFields.Invalid($"{field} must be {SignedDuration.Form}");
}
