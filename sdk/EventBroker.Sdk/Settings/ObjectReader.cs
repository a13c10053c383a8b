using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Settings;

// Reads objects, lists and dictionaries. Null means: given wrongly and noted. An object with mistakes inside comes
// back with what was right, so that whoever goes on looking finds no mistakes that are none.
internal sealed class ObjectReader(ICollection<SettingsError> errors)
{
    public object? Read(IConfiguration configuration, Type type, string path)
    {
        if (configuration is IConfigurationSection { Value.Length: > 0 })
        {
            return Fault(path, "must be an object");
        }

        var settings = Activator.CreateInstance(type)!;
        var properties = SettingsProperty.Of(type);
        var faulty = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in configuration.GetChildren())
        {
            if (!properties.TryGetValue(child.Key, out var property))
            {
                Fault(SettingsPath.Key(path, child.Key), Unknown(properties.Values));
                continue;
            }

            var known = errors.Count;
            ReadProperty(settings, property, child, SettingsPath.Key(path, property.Key));
            if (errors.Count > known)
            {
                faulty.Add(property.Key);
            }
        }

        SettingsValidator.Validate(settings, properties.Values, faulty, path, errors);
        return settings;
    }

    private static string Unknown(IEnumerable<SettingsProperty> properties)
    {
        var keys = string.Join(", ", properties.Select(p => p.Key).Order(StringComparer.Ordinal));
        return keys.Length == 0 ? "unknown key; there are no settings here" : $"unknown key; known are {keys}";
    }

    private void ReadProperty(object settings, SettingsProperty property, IConfigurationSection section, string path)
    {
        if (section.Value is null && !section.GetChildren().Any())
        {
            // null in JSON: not given.
            return;
        }

        var value = ReadValue(section, property.Type, property.Key, path);
        if (value is null)
        {
            return;
        }

        try
        {
            property.Set(settings, value);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is ArgumentException or FormatException)
        {
            // A setter may check what no attribute can say.
            Fault(path, exception.InnerException.Message);
        }
    }

    private object? ReadValue(IConfigurationSection section, Type type, string name, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(IConfigurationSection))
        {
            return section;
        }

        if (ScalarReader.Understands(type))
        {
            return new ScalarReader(errors).Read(section, type, name, path);
        }

        if (CollectionTypes.ItemOfDictionary(type) is { } valueType)
        {
            return ReadDictionary(section, valueType, path);
        }

        return CollectionTypes.ItemOfList(type) is { } itemType
            ? ReadList(section, type, itemType, name, path)
            : Read(section, type, path);
    }

    private object? ReadDictionary(IConfigurationSection section, Type valueType, string path)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            return Fault(path, "must be an object");
        }

        var dictionary = CollectionTypes.NewDictionary(valueType);
        foreach (var child in section.GetChildren())
        {
            if (ReadValue(child, valueType, child.Key, SettingsPath.Key(path, child.Key)) is { } value)
            {
                dictionary[child.Key] = value;
            }
        }

        return dictionary;
    }

    private object? ReadList(IConfigurationSection section, Type type, Type itemType, string name, string path)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            return Fault(path, "must be a list");
        }

        var items = CollectionTypes.NewList(itemType);
        foreach (var child in section.GetChildren())
        {
            if (!int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                return Fault(path, $"must be a list, not an object with the key '{child.Key}'");
            }

            if (ReadValue(child, itemType, name, SettingsPath.Item(path, index)) is { } item)
            {
                items.Add(item);
            }
        }

        return CollectionTypes.Convert(items, type, itemType);
    }

    private object? Fault(string path, string message)
    {
        errors.Add(new SettingsError { Path = path, Message = message });
        return null;
    }
}
