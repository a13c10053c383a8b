namespace EventBroker.Sdk.Plugins;

/// <summary>A plugin as operators see it.</summary>
public sealed class PluginStatus
{
    /// <summary>Gets the id out of its manifest, or its folder's name where the manifest can't be read.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the version out of its manifest; empty where that can't be read.</summary>
    public string Version { get; init; } = "";

    /// <summary>Gets what it makes; null where its manifest can't be read.</summary>
    public PluginKind? Kind { get; init; }

    /// <summary>Gets what became of it.</summary>
    public required PluginState State { get; init; }

    /// <summary>Gets why it is not active, and what to do; empty if it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Gets the names of its configured instances.</summary>
    public IReadOnlyList<string> Instances { get; init; } = [];
}
