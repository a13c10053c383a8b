namespace EventBroker.Client;

/// <summary>How a connection that died silently is noticed: by HTTP/2 pings, also while no call is under way.</summary>
public sealed class KeepAliveOptions
{
    /// <summary>Gets or sets how long the connection may be silent before a ping is sent. Default 30 s; 1 s or more; null: never.</summary>
    public TimeSpan? Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the answer to a ping may take before the connection is closed and its calls fail with
    /// UNAVAILABLE. Default 10 s; 1 s or more.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
