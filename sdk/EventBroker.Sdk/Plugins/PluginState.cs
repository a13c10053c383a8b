namespace EventBroker.Sdk.Plugins;

/// <summary>What became of a plugin; the numbers are those of the wire contract.</summary>
public enum PluginState
{
    /// <summary>Loaded and in use.</summary>
    Active = 1,

    /// <summary>Built for another version of the SDK contract.</summary>
    Incompatible = 2,

    /// <summary>Could not be read, loaded or started.</summary>
    Failed = 3,

    /// <summary>Present, and not named in the configuration.</summary>
    Disabled = 4,
}
