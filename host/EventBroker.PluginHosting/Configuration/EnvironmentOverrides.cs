using System.Reflection;
using System.Text.Json;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

// Environment variables over the values of the file: transports__local__settings__retention=2h, and with precedence
// EVENTBROKER_transports__local__settings__retention.
internal sealed class EnvironmentOverrides
{
    public const string Prefix = "EVENTBROKER_";
    private const string Delimiter = "__";

    private readonly Dictionary<string, bool> _isScalar;
    private readonly ICollection<SettingsError> _errors;

    public EnvironmentOverrides(Type settingsType, ICollection<SettingsError> errors)
    {
        _isScalar = settingsType.GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(
            static p => p.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(p.Name),
            static p => p.PropertyType == typeof(string) || p.PropertyType.IsValueType,
            StringComparer.OrdinalIgnoreCase);
        _errors = errors;
    }

    // Returns which variable a key came from.
    public IReadOnlyDictionary<string, string> Apply(
        IEnumerable<KeyValuePair<string, string>> environment, Dictionary<string, string?> values)
    {
        var origins = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var all = environment.OrderBy(v => v.Key, StringComparer.Ordinal).ToList();
        foreach (var (name, value) in all.Where(v => !IsPrefixed(v.Key) && IsMeant(v.Key)))
        {
            Set(name, name, value);
        }

        foreach (var (name, value) in all.Where(v => IsPrefixed(v.Key)))
        {
            var rest = name[Prefix.Length..];
            if (_isScalar.ContainsKey(FirstPart(rest)))
            {
                Set(name, rest, value);
            }
            else if (rest.Contains(Delimiter, StringComparison.Ordinal))
            {
                // Without the delimiter it may be anything: Kubernetes sets EVENTBROKER_PORT for a service of that name.
                _errors.Add(new SettingsError
                {
                    Path = SettingsPath.Key(SettingsPath.Root, FirstPart(rest)),
                    Message = $"unknown key, set by environment variable {name}; known are {string.Join(", ", _isScalar.Keys.Order(StringComparer.Ordinal))}",
                });
            }
        }

        return origins;

        void Set(string name, string path, string value)
        {
            var key = path.Replace(Delimiter, ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
            Displace(values, key);
            values[key] = value;
            origins[key] = name;
        }
    }

    private static bool IsPrefixed(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    private static string FirstPart(string path)
    {
        var end = path.IndexOf(Delimiter, StringComparison.Ordinal);
        return end < 0 ? path : path[..end];
    }

    // A string in place of an object, or an object in place of a string (a secret's source), replaces it whole.
    private static void Displace(Dictionary<string, string?> values, string key)
    {
        var below = key + ConfigurationPath.KeyDelimiter;
        foreach (var old in values.Keys.Where(k => k.StartsWith(below, StringComparison.OrdinalIgnoreCase)).ToList())
        {
            values.Remove(old);
        }

        for (var parent = ConfigurationPath.GetParentPath(key); parent is not null; parent = ConfigurationPath.GetParentPath(parent))
        {
            values.Remove(parent);
        }
    }

    // A variable without our prefix is ours only if it can't well be meant for anybody else.
    private bool IsMeant(string name) =>
        _isScalar.TryGetValue(FirstPart(name), out var isScalar) && isScalar != name.Contains(Delimiter, StringComparison.Ordinal);
}
