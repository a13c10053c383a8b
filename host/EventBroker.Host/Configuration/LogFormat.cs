namespace EventBroker.Host.Configuration;

/// <summary>The form of the log.</summary>
public enum LogFormat
{
    /// <summary>Lines for people.</summary>
    Console,

    /// <summary>One JSON object a line.</summary>
    Json,
}
