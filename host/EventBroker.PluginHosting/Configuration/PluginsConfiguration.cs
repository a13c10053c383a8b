using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

/// <summary>What <c>plugins.json</c> says about plugins. A host derives from it and adds its own sections.</summary>
public class PluginsConfiguration
{
    /// <summary>Gets or sets the JSON schema that an editor uses; the host doesn't read it.</summary>
    [ConfigurationKeyName("$schema")]
    public string? Schema { get; set; }

    /// <summary>Gets or sets the folder that holds one folder for each plugin.</summary>
    /// <value>Default <c>plugins</c>; a relative path starts at the host's binary.</value>
    public string PluginsDirectory { get; set; } = "plugins";

    /// <summary>Gets or sets how long a plugin may take to be loaded, to start an instance, and to stop one.</summary>
    /// <value>Default 60 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PluginTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the transports by their names.</summary>
    public Dictionary<string, PluginEntry> Transports { get; set; } = [];

    /// <summary>Gets or sets which transport carries which events; the first line that matches decides.</summary>
    public IReadOnlyList<RouteEntry> Routes { get; set; } = [];

    /// <summary>Gets or sets the authorizers, in the order in which they are asked; without any, every call is denied.</summary>
    public IReadOnlyList<AuthorizerEntry> Authorizers { get; set; } = [];

    /// <summary>Gets or sets the interceptors, the outermost first.</summary>
    public IReadOnlyList<PluginEntry> Interceptors { get; set; } = [];

    /// <summary>Gets or sets what is known of plugins by their ids.</summary>
    public Dictionary<string, PluginPin> Plugins { get; set; } = [];
}
