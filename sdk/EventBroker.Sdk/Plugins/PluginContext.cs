using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Sdk.Plugins;

/// <summary>What the host gives to one configured instance of a plugin.</summary>
public sealed class PluginContext
{
    /// <summary>Gets the instance's name: the key under <c>transports</c>, or the plugin id with its place in the list.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the folder that the plugin was loaded from.</summary>
    public required string Directory { get; init; }

    /// <summary>Gets the plugin's own service provider.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>Gets the logger; its category ends with the instance's name.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Gets the meter for the instance's instruments; its name is <c>EventBroker.Plugin.</c> and the plugin's id.</summary>
    public required Meter Meter { get; init; }

    /// <summary>Gets the clock. Plugins read time from nowhere else.</summary>
    public required TimeProvider TimeProvider { get; init; }
}
