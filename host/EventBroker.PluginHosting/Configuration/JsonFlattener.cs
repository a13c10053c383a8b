using System.Globalization;
using System.Text;
using System.Text.Json;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

// Turns JSON with comments and trailing commas into the flat keys of configuration. Unlike the framework's own
// provider it reports every duplicate key, by its path, and goes on.
internal sealed class JsonFlattener
{
    private readonly IDictionary<string, string?> _values;
    private readonly ICollection<SettingsError> _errors;

    private JsonFlattener(IDictionary<string, string?> values, ICollection<SettingsError> errors)
    {
        _values = values;
        _errors = errors;
    }

    // False when the document is no JSON object: what stands behind a syntax error is unknown then.
    public static bool Read(ReadOnlySpan<byte> json, IDictionary<string, string?> values, ICollection<SettingsError> errors)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                errors.Add(new SettingsError { Path = SettingsPath.Root, Message = "must be an object" });
                return false;
            }

            new JsonFlattener(values, errors).ReadObject(ref reader, "", SettingsPath.Root);

            // Whatever stands behind the last bracket is a mistake too.
            reader.Read();
            return true;
        }
        catch (JsonException exception)
        {
            errors.Add(Syntax(json, exception));
            return false;
        }
    }

    private static SettingsError Syntax(ReadOnlySpan<byte> json, JsonException exception)
    {
        var line = exception.LineNumber ?? 0;
        for (var skipped = 0L; skipped < line; skipped++)
        {
            json = json[(json.IndexOf((byte)'\n') + 1)..];
        }

        var column = Encoding.UTF8.GetCharCount(json[..(int)Math.Min(exception.BytePositionInLine ?? 0, json.Length)]);
        var message = exception.Message;
        var tail = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new SettingsError
        {
            Path = SettingsPath.Root,
            Message = string.Create(
                CultureInfo.InvariantCulture, $"syntax error in line {line + 1}, column {column + 1}: {(tail < 0 ? message : message[..tail])}"),
        };
    }

    private void ReadObject(ref Utf8JsonReader reader, string prefix, string path)
    {
        var keys = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader, path);
            var childPath = SettingsPath.Key(path, key);
            reader.Read();
            if (key.Length == 0 || key.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            {
                Fault(childPath, "a key must not be empty or contain ':'");
                reader.Skip();
            }
            else if (!keys.Add(key))
            {
                Fault(childPath, "this key is there twice (keys are the same in upper and lower case)");
                reader.Skip();
            }
            else
            {
                ReadValue(ref reader, prefix.Length == 0 ? key : ConfigurationPath.Combine(prefix, key), childPath);
            }
        }

        MarkEmpty(keys.Count, prefix);
    }

    private void ReadList(ref Utf8JsonReader reader, string prefix, string path)
    {
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadValue(ref reader, ConfigurationPath.Combine(prefix, count.ToString(CultureInfo.InvariantCulture)), SettingsPath.Item(path, count));
            count++;
        }

        MarkEmpty(count, prefix);
    }

    // "Given, and empty" differs from "not given", which keeps the default.
    private void MarkEmpty(int count, string prefix)
    {
        if (count == 0 && prefix.Length > 0)
        {
            _values[prefix] = "";
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, string key, string path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(ref reader, key, path);
                break;
            case JsonTokenType.StartArray:
                ReadList(ref reader, key, path);
                break;
            case JsonTokenType.Null:
                _values[key] = null;
                break;
            case JsonTokenType.String:
                _values[key] = Text(ref reader, path);
                break;
            default:
                _values[key] = Encoding.UTF8.GetString(reader.ValueSpan);
                break;
        }
    }

    private string Text(ref Utf8JsonReader reader, string path)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Fault(path, "must be valid UTF-8 without lone surrogates");
            return "?";
        }
    }

    private void Fault(string path, string message) => _errors.Add(new SettingsError { Path = path, Message = message });
}
