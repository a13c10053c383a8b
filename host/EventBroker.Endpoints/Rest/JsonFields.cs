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

    // The reader's own text ends with a path and position of the framework's making; the position is what helps.
    public static BrokerException Invalid(JsonException exception) => Invalid(
        $"syntax error at line {(exception.LineNumber ?? 0) + 1}, byte {(exception.BytePositionInLine ?? 0) + 1}");

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

    public static string ReadName(ref Utf8JsonReader reader) => System.Text.Encoding.UTF8.GetString(Unescape(ref reader, "a field's name"));

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
