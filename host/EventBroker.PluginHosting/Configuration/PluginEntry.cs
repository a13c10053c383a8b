using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Configuration;

/// <summary>A configured instance of a plugin.</summary>
public class PluginEntry
{
    /// <summary>Gets or sets the plugin's id, as in its <c>plugin.json</c>.</summary>
    [Required]
    public string Plugin { get; set; } = "";

    /// <summary>Gets or sets the plugin's settings, which only the plugin understands; null without any.</summary>
    public IConfigurationSection? Settings { get; set; }
}
