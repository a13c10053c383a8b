using System.Reflection;
using System.Text.Json;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

// Environment variables over the values of the file: EVENTBROKER_transports__local__settings__retention=2h. Without the prefix a
// variable is somebody else's, however much it looks like ours: container platforms set Logging__LogLevel__Default for everybody.
internal sealed class EnvironmentOverrides
{
    public const string Prefix = "EVENTBROKER_";
    private const string Delimiter = "__";

    private readonly string[] _known;
    private readonly ICollection<SettingsError> _errors;

    public EnvironmentOverrides(Type settingsType, ICollection<SettingsError> errors)
    {
        _known = [.. settingsType.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(
            static p => p.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(p.Name))];
        _errors = errors;
    }

    // Returns which variable a key came from.
    public IReadOnlyDictionary<string, string> Apply(
        IEnumerable<KeyValuePair<string, string>> environment, Dictionary<string, string?> values)
    {
        var origins = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment.Where(static v => IsPrefixed(v.Key)).OrderBy(static v => v.Key, StringComparer.Ordinal))
        {
            var rest = name[Prefix.Length..];
            if (_known.Contains(FirstPart(rest), StringComparer.OrdinalIgnoreCase))
            {
                Set(name, rest, value);
            }
            else if (rest.Contains(Delimiter, StringComparison.Ordinal))
            {
                // Without the delimiter it may be anything: Kubernetes sets EVENTBROKER_PORT for a service of that name.
                _errors.Add(new SettingsError
                {
                    Path = SettingsPath.Key(SettingsPath.Root, FirstPart(rest)),
                    Message = $"unknown key, set by environment variable {name}; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}",
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
}
