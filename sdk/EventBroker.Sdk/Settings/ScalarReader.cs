using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Settings;

// Reads single values. No message repeats a string or a URI: they may hold a password.
internal sealed class ScalarReader(ICollection<SettingsError> errors)
{
    public static bool Understands(Type type) =>
        type.IsEnum || type == typeof(string) || type == typeof(Uri) || type == typeof(TimeSpan) || type == typeof(ByteSize)
        || type == typeof(bool) || IsInteger(type) || type == typeof(double) || type == typeof(decimal);

    public object? Read(IConfigurationSection section, Type type, string name, string path)
    {
        var text = section.Value;
        if (section.GetChildren().Any())
        {
            if (type != typeof(string) && type != typeof(Uri))
            {
                return Fault(path, $"must be {Expected(type)}, not an object or a list");
            }

            text = SecretReader.Read(section, path, errors);
        }

        return text is null ? null : Convert(text, type, name, path);
    }

    private static bool IsInteger(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 && !type.IsEnum;

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => DurationText.Rule,
        _ when type == typeof(ByteSize) => ByteSize.Rule,
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(Uri) => "an absolute URI",
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type).Select(EnumKey)),
        _ when IsInteger(type) => "a whole number",
        _ => "a number",
    };

    private static string EnumKey(string name) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private static object? Integer(string text, Type type, string name)
    {
        // Every integer type fits into a decimal.
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            if (!name.EndsWith("Bytes", StringComparison.OrdinalIgnoreCase) || !ByteSize.TryParse(text, out var size))
            {
                return null;
            }

            number = size.Bytes;
        }

        try
        {
            return System.Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static object? EnumValue(string text, Type type)
    {
        var plain = text.Replace("-", "", StringComparison.Ordinal);
        return Enum.GetNames(type).FirstOrDefault(n => n.Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse(type, name)
            : null;
    }

    private object? Convert(string text, Type type, string name, string path)
    {
        if (type == typeof(string))
        {
            return text;
        }

        object? value = type switch
        {
            _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null,
            _ when type == typeof(TimeSpan) => DurationText.TryParse(text, out var duration) ? duration : null,
            _ when type == typeof(ByteSize) => ByteSize.TryParse(text, out var size) ? size : null,
            _ when type == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number) ? number : null,
            _ when type == typeof(decimal) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            _ when type.IsEnum => EnumValue(text, type),
            _ => Integer(text, type, name),
        };
        if (value is not null)
        {
            return value;
        }

        return Fault(path, type == typeof(Uri) ? $"must be {Expected(type)}" : $"must be {Expected(type)}, not '{text}'");
    }

    private object? Fault(string path, string message)
    {
        errors.Add(new SettingsError { Path = path, Message = message });
        return null;
    }
}
