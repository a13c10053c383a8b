using EventBroker.PluginHosting.Configuration;
using EventBroker.PluginHosting.Loading;
using EventBroker.PluginHosting.Manifests;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace EventBroker.PluginHosting;

/// <summary>What <c>plugins.json</c> asks for, with the plugins loaded and all settings checked, before any transport,
/// authorizer or interceptor is made.</summary>
public sealed partial class PluginPlan
{
    private static readonly IConfigurationSection NoSettings = new ConfigurationBuilder().Build().GetSection("settings");

    private readonly Dictionary<string, LoadedPlugin> _loaded = new(StringComparer.Ordinal);
    private readonly List<PlannedInstance> _instances = [];
    private readonly PluginsConfiguration _configuration;
    private readonly ICollection<SettingsError> _errors;
    private IReadOnlyList<PluginFolder> _folders = [];

    private PluginPlan(PluginsConfiguration configuration, ICollection<SettingsError> errors)
    {
        _configuration = configuration;
        _errors = errors;
    }

    /// <summary>Gets every plugin in the plugins directory. Those that are named in the configuration and have no fault
    /// count as active; they are once <see cref="StartAsync"/> has succeeded.</summary>
    public IReadOnlyList<PluginStatus> Statuses => [.. _folders.Select(Describe)];

    internal TimeSpan Timeout => _configuration.PluginTimeout;

    internal IReadOnlyList<PlannedInstance> Instances => _instances;

    /// <summary>Reads the manifests, loads the plugins that are named and checks their settings.</summary>
    /// <param name="configuration">What <c>plugins.json</c> says.</param>
    /// <param name="baseDirectory">Where a relative <see cref="PluginsConfiguration.PluginsDirectory"/> starts.</param>
    /// <param name="errors">Gets the mistakes. Only a plan without any may be started.</param>
    /// <returns>The plan.</returns>
    public static PluginPlan Prepare(PluginsConfiguration configuration, string baseDirectory, ICollection<SettingsError> errors)
    {
        var plan = new PluginPlan(configuration, errors);
        plan.ReadCatalog(Path.GetFullPath(configuration.PluginsDirectory, baseDirectory));
        plan.AddInstances();
        plan.CheckRoutes();
        return plan;
    }

    /// <summary>Makes and starts everything that is planned.</summary>
    /// <param name="timeProvider">The clock for the plugins.</param>
    /// <param name="loggerFactory">Where the plugins' logs go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The running plugins.</returns>
    /// <exception cref="PluginStartException">A plugin did not start; those before it are stopped again.</exception>
    public Task<PluginHost> StartAsync(TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken) =>
        PluginHost.StartAsync(this, timeProvider, loggerFactory, cancellationToken);

    private void ReadCatalog(string directory)
    {
        try
        {
            _folders = PluginCatalog.Read(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fault("$.pluginsDirectory", exception is DirectoryNotFoundException
                ? $"{directory} does not exist; a relative path starts at the host's binary"
                : $"{directory} can't be read: {exception.Message}");
            return;
        }

        foreach (var (id, pin) in _configuration.Plugins)
        {
            var path = SettingsPath.Key("$.plugins", id);
            if (_folders.All(f => f.Id != id))
            {
                Fault(path, $"no plugin in {directory} has this id");
            }

            foreach (var (file, _) in pin.Sha256.Where(h => h.Value.Trim() is not { Length: 64 } hash || !hash.All(char.IsAsciiHexDigit)))
            {
                Fault(SettingsPath.Key(path + ".sha256", file), "must be a SHA-256 in 64 hexadecimal digits");
            }
        }
    }

    private void AddInstances()
    {
        if (_configuration.Transports.Count == 0)
        {
            Fault("$.transports", "name at least one transport, such as \"local\": { \"plugin\": \"memory\" }");
        }

        foreach (var (name, entry) in _configuration.Transports)
        {
            Add(entry, PluginKind.Transport, name, SettingsPath.Key("$.transports", name));
        }

        AddList(_configuration.Authorizers, PluginKind.Authorizer, "$.authorizers");
        AddList(_configuration.Interceptors, PluginKind.Interceptor, "$.interceptors");
    }

    private void AddList(IReadOnlyList<PluginEntry> entries, PluginKind kind, string path)
    {
        for (var index = 0; index < entries.Count; index++)
        {
            Add(entries[index], kind, SettingsPath.Item(entries[index].Plugin, index), SettingsPath.Item(path, index));
        }
    }

    private void Add(PluginEntry entry, PluginKind kind, string name, string path)
    {
        if (entry.Plugin.Length == 0 || Find(entry.Plugin, kind, path + ".plugin") is not { } plugin)
        {
            return;
        }

        var settings = ReadSettings(plugin, entry.Settings ?? NoSettings, path + ".settings");
        if (settings is not null)
        {
            _instances.Add(new PlannedInstance { Name = name, Path = path, Kind = kind, Plugin = plugin, Settings = settings });
        }
    }

    private LoadedPlugin? Find(string id, PluginKind kind, string path)
    {
        var folder = _folders.FirstOrDefault(f => f.Id == id);
        if (folder is null)
        {
            var known = string.Join(", ", _folders.Where(f => f.Manifest.Kind == kind).Select(f => f.Id));
            Fault(path, $"there is no plugin '{id}' in {_configuration.PluginsDirectory}; {kind.ToString().ToLowerInvariant()} plugins there: {(known.Length == 0 ? "none" : known)}");
            return null;
        }

        if (folder.FaultState is null && !_loaded.ContainsKey(id))
        {
            try
            {
                _loaded.Add(id, PluginCode.Run(() => PluginAssembly.Load(folder, _configuration.Plugins.GetValueOrDefault(id)), Timeout));
            }
            catch (TimeoutException exception)
            {
                folder.Fail(PluginState.Failed, $"{folder.Manifest.EntryAssembly} was not loaded: {exception.Message}; ask the plugin's author what its constructor waits for");
            }
            catch (Exception exception) when (exception is PluginLoadException or IOException or UnauthorizedAccessException)
            {
                folder.Fail(PluginState.Failed, exception.Message);
            }
        }

        if (folder.FaultState is not null)
        {
            Fault(path, $"plugin '{id}': {folder.Fault}");
            return null;
        }

        if (folder.Manifest.Kind != kind)
        {
            Fault(path, $"plugin '{id}' makes {folder.Manifest.Kind.ToString()!.ToLowerInvariant()}s, and a {kind.ToString().ToLowerInvariant()} is needed here");
            return null;
        }

        return _loaded[id];
    }

    private object? ReadSettings(LoadedPlugin plugin, IConfigurationSection section, string path)
    {
        try
        {
            var (settings, errors) = PluginCode.Run(
                () =>
                {
                    var errors = new List<SettingsError>();
                    SettingsBinder.TryBind(section, plugin.SettingsType, path, errors, out var settings);
                    return (settings, errors);
                },
                Timeout);
            errors.ForEach(_errors.Add);
            return settings;
        }
        catch (Exception exception)
        {
            // A settings class is the plugin's code: its constructor, setters and Validate may throw anything.
            var cause = PluginAssembly.Unwrap(exception);
            Fault(path, $"plugin '{plugin.Folder.Id}': {plugin.SettingsType} failed while it was read: {cause.GetType().Name}: {cause.Message}");
            return null;
        }
    }

    private void CheckRoutes()
    {
        if (_configuration.Routes.Count == 0)
        {
            Fault("$.routes", "name at least one route, such as { \"events\": \"*\", \"transport\": \"local\" }");
        }

        for (var index = 0; index < _configuration.Routes.Count; index++)
        {
            var transport = _configuration.Routes[index].Transport;
            if (transport.Length > 0 && !_configuration.Transports.ContainsKey(transport))
            {
                Fault($"$.routes[{index}].transport", $"there is no transport '{transport}'; configured are {string.Join(", ", _configuration.Transports.Keys)}");
            }
        }
    }

    private PluginStatus Describe(PluginFolder folder)
    {
        var instances = _instances.Where(i => i.Plugin.Folder == folder).Select(i => i.Name).ToList();
        return folder switch
        {
            { FaultState: { } state } => folder.Describe(state, folder.Fault, instances),
            _ when _loaded.ContainsKey(folder.Id) => folder.Describe(PluginState.Active, "", instances),
            _ => folder.Describe(PluginState.Disabled, "not named in plugins.json", instances),
        };
    }

    private void Fault(string path, string message) => _errors.Add(new SettingsError { Path = path, Message = message });
}
