using System.ComponentModel.DataAnnotations;

namespace EventBroker.PluginHosting.Configuration;

/// <summary>A line of the routing table.</summary>
public sealed class RouteEntry
{
    /// <summary>Gets or sets the pattern of event names: <c>*</c> stands for any characters, also none.</summary>
    [Required]
    [RegularExpression(@"[A-Za-z0-9._*-]{1,200}", ErrorMessage = "must be a pattern out of A-Z a-z 0-9 . _ - and *")]
    public string Events { get; set; } = "";

    /// <summary>Gets or sets the transport's name.</summary>
    [Required]
    public string Transport { get; set; } = "";

    /// <summary>Gets or sets whether publishing or subscribing to an event that is not registered registers it, for a caller who may
    /// register it.</summary>
    /// <value>Default false.</value>
    public bool AutoRegister { get; set; }
}
