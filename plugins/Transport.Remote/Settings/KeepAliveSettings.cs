using System.ComponentModel.DataAnnotations;

namespace EventBroker.Transport.Remote.Settings;

/// <summary>The HTTP/2 pings that are sent also while no call is under way.</summary>
public sealed class KeepAliveSettings
{
    /// <summary>Gets or sets how long the connection may be silent before a ping is sent.</summary>
    /// <value>Default 30 s; 1 s to a day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the answer may take before the connection counts as lost.</summary>
    /// <value>Default 10 s; 1 s to a day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
