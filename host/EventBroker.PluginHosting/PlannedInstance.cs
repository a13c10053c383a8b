using EventBroker.PluginHosting.Loading;
using EventBroker.Sdk.Plugins;

namespace EventBroker.PluginHosting;

// A transport, authorizer or interceptor to be made.
internal sealed class PlannedInstance
{
    public required string Name { get; init; }

    // In plugins.json.
    public required string Path { get; init; }

    public required PluginKind Kind { get; init; }

    public required LoadedPlugin Plugin { get; init; }

    public required object Settings { get; init; }
}
