using System.ComponentModel;
using System.Globalization;

namespace EventBroker.Sdk.Settings;

// Lets [Range(typeof(ByteSize), "1KiB", "1GiB")] read its limits.
internal sealed class ByteSizeConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text && ByteSize.TryParse(text, out var size)
            ? size
            : throw new FormatException($"'{value}' is not {ByteSize.Rule}.");
}
