using EventBroker.Sdk.Settings;

namespace EventBroker.PluginHosting;

/// <summary>A configured plugin could not be started.</summary>
public sealed class PluginStartException : Exception
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="error">Which instance, by its path in <c>plugins.json</c>, and why.</param>
    /// <param name="innerException">What the plugin threw, if anything.</param>
    public PluginStartException(SettingsError error, Exception? innerException)
        : base(error.ToString(), innerException) => Error = error;

    /// <summary>Gets which instance, by its path in <c>plugins.json</c>, and why.</summary>
    public SettingsError Error { get; }
}
