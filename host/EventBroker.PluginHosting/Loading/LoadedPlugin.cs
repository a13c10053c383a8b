using EventBroker.PluginHosting.Manifests;
using EventBroker.Sdk.Plugins;

namespace EventBroker.PluginHosting.Loading;

// A plugin whose code is loaded; it serves any number of configured instances.
internal sealed class LoadedPlugin
{
    public required PluginFolder Folder { get; init; }

    public required IPlugin Plugin { get; init; }

    public required Type SettingsType { get; init; }
}
