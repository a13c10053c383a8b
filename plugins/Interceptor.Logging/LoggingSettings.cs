namespace EventBroker.Interceptor.Logging;

/// <summary>What is logged.</summary>
public sealed class LoggingSettings
{
    /// <summary>Gets or sets the level of the lines.</summary>
    /// <value>Default debug. Where the host's log does not show that level, messages pass by without cost.</value>
    public MessageLogLevel Level { get; set; } = MessageLogLevel.Debug;

    /// <summary>Gets or sets whether publishing is logged.</summary>
    /// <value>Default true.</value>
    public bool Publish { get; set; } = true;

    /// <summary>Gets or sets whether deliveries are logged.</summary>
    /// <value>Default true.</value>
    public bool Deliver { get; set; } = true;

    /// <summary>Gets or sets whether settlements are logged.</summary>
    /// <value>Default true.</value>
    public bool Settle { get; set; } = true;
}
