using System.Text.RegularExpressions;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

/// <summary><c>plugins.json</c> with the environment variables that override it, before it is bound.</summary>
public sealed class ConfigurationDocument
{
    // As they stand in a path: ['key'], [0], .key
    private static readonly Regex _steps = new(@"\['(?<quoted>(?:\\'|[^'])*)'\]|\[(?<plain>\d+)\]|\.(?<plain>[^.\[]+)", RegexOptions.NonBacktracking);

    private readonly IReadOnlyDictionary<string, string> _variables;

    private ConfigurationDocument(IConfiguration configuration, bool isComplete, IReadOnlyDictionary<string, string> variables)
    {
        Configuration = configuration;
        IsComplete = isComplete;
        _variables = variables;
    }

    /// <summary>Gets the values.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>Gets whether the document was read to its end; after a syntax error it isn't, and nothing can be said about what seems
    /// to be missing.</summary>
    public bool IsComplete { get; }

    /// <summary>Reads a document.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="settingsType">The class that the document will be bound to; its keys tell which variables are meant.</param>
    /// <param name="errors">Gets syntax errors and duplicate keys.</param>
    /// <returns>The document, as far as it could be read.</returns>
    public static ConfigurationDocument Read(
        ReadOnlySpan<byte> json,
        IEnumerable<KeyValuePair<string, string>> environment,
        Type settingsType,
        ICollection<SettingsError> errors)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var isComplete = JsonFlattener.Read(json, values, errors);
        var variables = new EnvironmentOverrides(settingsType, errors).Apply(environment, values);
        return new ConfigurationDocument(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), isComplete, variables);
    }

    /// <summary>Names the environment variable in a message where the value came from one, since the file doesn't show it.</summary>
    /// <param name="error">The mistake.</param>
    /// <returns>The mistake, with the variable's name if there is one.</returns>
    public SettingsError WithOrigin(SettingsError error)
    {
        var steps = _steps.Matches(error.Path).Select(static s => s.Groups["quoted"].Success
            ? s.Groups["quoted"].Value.Replace("\\'", "'", StringComparison.Ordinal)
            : s.Groups["plain"].Value);
        return _variables.TryGetValue(ConfigurationPath.Combine(steps), out var variable)
            ? new SettingsError { Path = error.Path, Message = $"{error.Message} (set by environment variable {variable})" }
            : error;
    }
}
