using System.Text.Json;
using System.Text.Unicode;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Rest;

// Reads JSON as strictly as protobuf's JSON form wants it. All faults are INVALID_ARGUMENT and name the field.
internal static class JsonFields
{
    // What protobuf parsers allow, also within fields that are passed over.
    public static readonly JsonReaderOptions Options = new() { MaxDepth = 10_000 };

    public static BrokerException Invalid(string what) => new(BrokerErrorCode.InvalidArgument, "invalid JSON: " + what);

    // What a reader throws for JSON that is none. Half of a surrogate pair within a name it meets only when it compares the name.
    public static bool IsFault(Exception exception) => exception is JsonException or InvalidOperationException;

    // The reader's own text ends with a path and position of the framework's making; the position is what helps.
    public static BrokerException Invalid(Exception exception) => Invalid(exception is JsonException json
        ? $"syntax error at line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}"
        : "a field's name holds half of a surrogate pair or invalid UTF-8");

    // Passes over an unknown field, whose name must be one all the same.
    public static void Skip(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            Unescape(ref reader, "a field's name");
        }

        reader.Skip();
    }

    // Looks through a body that somebody else is going to read, who would not call it a fault of the body.
    public static void Check(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                {
                    Unescape(ref reader, reader.TokenType == JsonTokenType.String ? "a text" : "a field's name");
                }
            }
        }
        catch (JsonException exception)
        {
            throw Invalid(exception);
        }
    }

    // Null for null, which stands for a field that is not set.
    public static byte[]? ReadText(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw Invalid($"{field} must be a string");
        }

        return Unescape(ref reader, field);
    }

    // False for null as well.
    public static bool ReadBoolean(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => throw Invalid($"{field} must be true or false"),
    };

    public static byte[] Unescape(ref Utf8JsonReader reader, string field)
    {
        byte[] text;
        if (reader.ValueIsEscaped)
        {
            text = new byte[reader.ValueSpan.Length];
            try
            {
                text = text[..reader.CopyString(text)];
            }
            catch (InvalidOperationException)
            {
                throw Invalid($"{field} holds half of a surrogate pair or invalid UTF-8");
            }
        }
        else
        {
            text = reader.ValueSpan.ToArray();
        }

        return Utf8.IsValid(text) ? text : throw Invalid($"{field} is not valid UTF-8");
    }

    // Each field once; a second spelling of the same field is the same field.
    public static void Once(ref uint seen, int field, string name)
    {
        if ((seen & (1u << field)) != 0)
        {
            throw Invalid($"{name} is given twice");
        }

        seen |= 1u << field;
    }
}
