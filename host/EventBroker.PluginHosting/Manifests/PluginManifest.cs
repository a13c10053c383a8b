using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Manifests;

/// <summary>A plugin's <c>plugin.json</c>: all that the host knows before it loads any code.</summary>
public sealed class PluginManifest
{
    /// <summary>Gets or sets the JSON schema that an editor uses; the host doesn't read it.</summary>
    [ConfigurationKeyName("$schema")]
    public string? Schema { get; set; }

    /// <summary>Gets or sets the id by which <c>plugins.json</c> names the plugin.</summary>
    [Required]
    [RegularExpression("[a-z0-9][a-z0-9.-]{0,63}", ErrorMessage = "must have 1 to 64 characters out of a-z 0-9 . - and begin with a letter or digit")]
    public string Id { get; set; } = "";

    /// <summary>Gets or sets the plugin's own version.</summary>
    [Required]
    public string Version { get; set; } = "";

    /// <summary>Gets or sets what the plugin makes.</summary>
    [Required]
    public PluginKind? Kind { get; set; }

    /// <summary>Gets or sets the file name of the assembly with the plugin class.</summary>
    [Required]
    [RegularExpression(@"[^/\\]+\.dll", ErrorMessage = "must be the name of a .dll file in the plugin's folder")]
    public string EntryAssembly { get; set; } = "";

    /// <summary>Gets or sets the SDK contract versions that the plugin was built for.</summary>
    [Required]
    public ContractRange? Sdk { get; set; }

    /// <summary>Gets or sets what the plugin is, in a sentence.</summary>
    public string Description { get; set; } = "";

    /// <summary>Gets or sets words for what the plugin can do, for people to read; what a transport can do, its code declares.</summary>
    public IReadOnlyList<string> Capabilities { get; set; } = [];

    /// <summary>Gets or sets the file name of the JSON schema of the plugin's settings, for editors and documentation.</summary>
    public string? SettingsSchema { get; set; }
}
