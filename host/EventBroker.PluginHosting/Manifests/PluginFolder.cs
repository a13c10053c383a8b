using EventBroker.Sdk.Plugins;

namespace EventBroker.PluginHosting.Manifests;

// A folder of the plugins directory, with its manifest or why that can't be used.
internal sealed class PluginFolder
{
    public const string ManifestName = "plugin.json";

    public required string Directory { get; init; }

    public required PluginManifest Manifest { get; init; }

    public PluginState? FaultState { get; private set; }

    public string Fault { get; private set; } = "";

    public string Id => Manifest.Id.Length > 0 ? Manifest.Id : Path.GetFileName(Directory);

    public string ManifestPath => Path.Combine(Directory, ManifestName);

    public void Fail(PluginState state, string reason)
    {
        FaultState = state;
        Fault = reason;
    }

    public PluginStatus Describe(PluginState state, string reason, IReadOnlyList<string> instances) => new()
    {
        Id = Id,
        Version = Manifest.Version,
        Kind = Manifest.Kind,
        State = state,
        Reason = reason,
        Instances = instances,
    };
}
