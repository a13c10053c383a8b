using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Settings;

// A property of a settings class under the key that a user writes.
internal sealed class SettingsProperty
{
    private readonly PropertyInfo _property;

    private SettingsProperty(PropertyInfo property)
    {
        _property = property;
        Key = property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
    }

    public string Key { get; }

    public string Name => _property.Name;

    public Type Type => _property.PropertyType;

    // Configuration knows no case, so two properties that differ by case only can't be told apart anyway.
    public static IReadOnlyDictionary<string, SettingsProperty> Of(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0)
            .Where(static p => p.SetMethod is { IsPublic: true } || IsFilled(p.PropertyType))
            .Select(static p => new SettingsProperty(p))
            .ToDictionary(static p => p.Key, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<T> Attributes<T>()
        where T : Attribute => _property.GetCustomAttributes<T>(inherit: true);

    public object? Get(object settings) => _property.GetValue(settings);

    public void Set(object settings, object value)
    {
        if (_property.SetMethod is { IsPublic: true })
        {
            _property.SetValue(settings, value);
        }
        else
        {
            Fill(_property.GetValue(settings)!, value);
        }
    }

    // What is given replaces the defaults, in collections too.
    private static void Fill(object collection, object value)
    {
        if (collection is IDictionary dictionary)
        {
            dictionary.Clear();
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                dictionary.Add(entry.Key, entry.Value);
            }
        }
        else
        {
            var list = (IList)collection;
            list.Clear();
            foreach (var item in (IEnumerable)value)
            {
                list.Add(item);
            }
        }
    }

    private static bool IsFilled(Type type) =>
        !type.IsArray
        && !type.Name.StartsWith("IReadOnly", StringComparison.Ordinal)
        && !type.Name.StartsWith("IEnumerable", StringComparison.Ordinal)
        && (CollectionTypes.ItemOfDictionary(type) is not null
            || (CollectionTypes.ItemOfList(type) is { } item && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item))));
}
