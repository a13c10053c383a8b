namespace EventBroker.Host.Configuration;

/// <summary>What is logged, and how.</summary>
public sealed class LoggingSettings
{
    /// <summary>Gets or sets the lowest level that is shown.</summary>
    /// <value>Default information. The web server's own lines begin at warning.</value>
    public LogLevel Level { get; set; } = LogLevel.Information;

    /// <summary>Gets or sets the form: lines for people, or one JSON object a line for machines.</summary>
    /// <value>Default console.</value>
    public LogFormat Format { get; set; } = LogFormat.Console;
}
