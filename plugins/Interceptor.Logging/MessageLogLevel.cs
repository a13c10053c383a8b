namespace EventBroker.Interceptor.Logging;

/// <summary>The levels that a line for each message may have: none above debug, or a busy broker would drown its own log.</summary>
public enum MessageLogLevel
{
    /// <summary>Debug.</summary>
    Debug,

    /// <summary>Trace.</summary>
    Trace,
}
