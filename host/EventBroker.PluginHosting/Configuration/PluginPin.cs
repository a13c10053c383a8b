using System.ComponentModel.DataAnnotations;

namespace EventBroker.PluginHosting.Configuration;

/// <summary>What an operator knows of a plugin's files.</summary>
public sealed class PluginPin
{
    /// <summary>Gets or sets the SHA-256 of every file of the plugin's folder, by its path in the folder with <c>/</c>. When given,
    /// a file that differs, is missing or is not in the list keeps the plugin from being loaded.</summary>
    [Required]
    [MinLength(1, ErrorMessage = "must name the files of the plugin's folder")]
    public Dictionary<string, string> Sha256 { get; set; } = [];
}
