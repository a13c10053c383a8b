namespace EventBroker.Sdk.Settings;

/// <summary>A mistake in the settings.</summary>
public sealed class SettingsError
{
    /// <summary>Gets the JSON path of what is wrong, such as <c>$.transports.local.settings.retention</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Gets what is wrong with it and what would be right; no secrets.</summary>
    public required string Message { get; init; }

    /// <summary>Gives path and message on one line.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => $"{Path}: {Message}";
}
