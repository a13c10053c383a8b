using System.Collections;
using EventBroker.Broker;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.Host.Configuration;
using EventBroker.Host.Listening;
using EventBroker.PluginHosting;
using EventBroker.PluginHosting.Configuration;
using EventBroker.Sdk.Settings;

namespace EventBroker.Host.Startup;

// plugins.json, read and checked whole: nothing has been created yet that would have to be stopped again.
internal sealed class HostPlan
{
    // The shipped authorizer that lets everybody do everything.
    private const string AllowAll = "allow-all";

    // The shipped authorizer that believes a header.
    private const string Roles = "roles";

    private HostPlan(string file, HostConfiguration configuration, ListenPlan listen, PluginPlan plugins)
    {
        File = file;
        Configuration = configuration;
        Listen = listen;
        Plugins = plugins;
    }

    public string File { get; }

    public HostConfiguration Configuration { get; }

    public ListenPlan Listen { get; }

    public PluginPlan Plugins { get; }

    // Throws one fault that lists every mistake.
    public static HostPlan Read(string file)
    {
        var errors = new List<SettingsError>();
        var document = ConfigurationDocument.Read(ReadFile(file), Variables(), typeof(HostConfiguration), errors);
        if (!document.IsComplete)
        {
            // What stands behind a syntax error is unknown, so nothing can be said about it.
            throw Fault(file, document, errors);
        }

        var configuration = SettingsBinder.BindWhatIsRight<HostConfiguration>(document.Configuration, SettingsPath.Root, errors);
        var listen = ListenPlan.Prepare(configuration.Listen, errors);
        CheckOrigins(configuration, errors);
        HostNames.Check(configuration, errors);
        CheckOpenness(configuration, listen, errors);
        CheckNackDelays(configuration.Delivery, errors);
        var plugins = PluginPlan.Prepare(configuration, AppContext.BaseDirectory, errors);
        return errors.Count == 0 ? new HostPlan(file, configuration, listen, plugins) : throw Fault(file, document, errors);
    }

    public BrokerSetup CreateSetup(PluginHost plugins) => new()
    {
        Transports = plugins.Transports,
        Routes = [.. Configuration.Routes.Select(static r => new EventRoute { Events = r.Events, Transport = r.Transport, AutoRegister = r.AutoRegister })],
        Authorizers = plugins.Authorizers,
        Interceptors = plugins.Interceptors,
        Plugins = plugins.Plugins,
        Options = new BrokerOptions
        {
            MaxMessageBytes = Configuration.Limits.MaxMessageBytes,
            MaxMetadataEntries = Configuration.Limits.MaxMetadataEntries,
            MaxMetadataBytes = Configuration.Limits.MaxMetadataBytes,
            MaxEvents = Configuration.Limits.MaxEvents,
            MaxItemsPerCall = Configuration.Limits.MaxItemsPerCall,
            MaxSubscriptionsPerConnection = Configuration.Limits.MaxSubscriptionsPerConnection,
            MaxInFlight = Configuration.Delivery.MaxInFlight,
            MaxInFlightBytes = Configuration.Delivery.MaxInFlightBytes,
            AckTimeout = Configuration.Delivery.AckTimeout,
            NackDelay = Configuration.Delivery.NackDelay,
            MaxNackDelay = Configuration.Delivery.MaxNackDelay,
            MaxWaitingMessages = Configuration.Delivery.MaxWaitingMessages,
            MaxWaitingBytes = Configuration.Delivery.MaxWaitingBytes,
            CloseTimeout = Configuration.Delivery.CloseTimeout,
        },
    };

    private static byte[] ReadFile(string file)
    {
        try
        {
            return System.IO.File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartFault($"{file} can't be read: {exception.Message}", exception);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(static v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? ""));

    private static void CheckOrigins(HostConfiguration configuration, List<SettingsError> errors)
    {
        for (var index = 0; index < configuration.AllowedOrigins.Count; index++)
        {
            var text = configuration.AllowedOrigins[index];
            if (!EventBrokerOptions.IsOrigin(text))
            {
                errors.Add(new SettingsError
                {
                    Path = SettingsPath.Item("$.allowedOrigins", index),
                    Message = $"must be an origin such as https://app.example.com without a path, not '{text}'",
                });
            }
        }
    }

    private static void CheckOpenness(HostConfiguration configuration, ListenPlan listen, List<SettingsError> errors)
    {
        if (listen.Addresses.FirstOrDefault(static e => !e.IsLoopback) is not { } open)
        {
            return;
        }

        for (var index = 0; index < configuration.Authorizers.Count; index++)
        {
            if (configuration.Authorizers[index] is { Plugin: AllowAll, IKnowThisIsOpen: false })
            {
                errors.Add(new SettingsError
                {
                    Path = SettingsPath.Item("$.authorizers", index),
                    Message = $"{AllowAll} would let everybody who reaches {open} ($.listen.{open.Name}) do everything:"
                        + " listen on 127.0.0.1, configure another authorizer, or put \"iKnowThisIsOpen\": true beside the plugin's name",
                });
            }

            if (configuration.Authorizers[index] is { Plugin: Roles, Settings: var settings } && !NamesProxies(settings))
            {
                errors.Add(new SettingsError
                {
                    Path = SettingsPath.Item("$.authorizers", index),
                    Message = $"{Roles} would be asked to believe everybody who reaches {open} ($.listen.{open.Name}): name the proxies that set"
                        + " the header as settings.proxies, or the secret that they send as settings.sharedSecret",
                });
            }
        }
    }

    private static bool NamesProxies(IConfigurationSection? settings) =>
        settings?.GetSection("proxies").GetChildren().Any() == true || settings?.GetSection("sharedSecret").Exists() == true;

    private static void CheckNackDelays(DeliverySettings delivery, List<SettingsError> errors)
    {
        if (delivery.NackDelay > delivery.MaxNackDelay)
        {
            errors.Add(new SettingsError
            {
                Path = "$.delivery.maxNackDelay",
                Message = $"must not be below $.delivery.nackDelay, which is {delivery.NackDelay}: that is where the delay begins to grow",
            });
        }
    }

    private static StartFault Fault(string file, ConfigurationDocument document, List<SettingsError> errors)
    {
        var lines = errors.Select(document.WithOrigin).Select(static e => $"  {e}").Distinct(StringComparer.Ordinal);
        return new StartFault($"{file} has mistakes:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }
}
