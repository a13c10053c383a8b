namespace EventBroker.Sdk.Plugins;

/// <summary>What the host gives to a command.</summary>
public sealed class PluginCommandContext
{
    /// <summary>Gets the name of the transport in <c>plugins.json</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the transport's settings, an instance of <see cref="IPlugin.SettingsType"/>.</summary>
    public required object Settings { get; init; }

    /// <summary>Gets the arguments as they were given.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Gets where to write.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Gets the clock.</summary>
    public required TimeProvider TimeProvider { get; init; }

    /// <summary>Gets the end that the operator may put to it.</summary>
    public CancellationToken CancellationToken { get; init; }
}
