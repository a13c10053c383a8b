using System.ComponentModel.DataAnnotations;
using EventBroker.PluginHosting.Configuration;

namespace EventBroker.Host.Configuration;

/// <summary>All of <c>plugins.json</c>.</summary>
public sealed class HostConfiguration : PluginsConfiguration
{
    /// <summary>Gets or sets where the broker is reached.</summary>
    public ListenSettings Listen { get; set; } = new();

    /// <summary>Gets or sets what the broker refuses.</summary>
    public LimitsSettings Limits { get; set; } = new();

    /// <summary>Gets or sets how messages are delivered.</summary>
    public DeliverySettings Delivery { get; set; } = new();

    /// <summary>Gets or sets the origins of web pages that may call the broker.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> AllowedOrigins { get; set; } = [];

    /// <summary>Gets or sets the host names under which the broker is called; a request that names another one is refused with 400.
    /// <c>*.example.com</c> stands for all names below, <c>*</c> for all.</summary>
    /// <value>Default: where it is reached on loopback only, <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c>, so that no page can
    /// get at it by a name of its own that leads here; otherwise all.</value>
    public IReadOnlyList<string>? AllowedHosts { get; set; }

    /// <summary>Gets or sets whether gRPC reflection is served, to callers who may <c>admin</c>.</summary>
    /// <value>Default true.</value>
    public bool Reflection { get; set; } = true;

    /// <summary>Gets or sets how often a quiet SSE or WebSocket stream carries a heartbeat.</summary>
    /// <value>Default 30 s; 1 s to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a WebSocket client has to answer the ping that goes with each heartbeat, before it counts as gone.</summary>
    /// <value>Default 20 s; 0 (no pings) to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets how long what was written to an SSE or WebSocket stream may lie there without the other side's system taking it,
    /// before its client counts as gone.</summary>
    /// <value>Default 30 s; 0 (left to the system) to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the host goes on serving as before when it is told to stop, while <c>/readyz</c> says that it is
    /// going: time for a load balancer to send nobody here any more.</summary>
    /// <value>Default 0 where it is reached on loopback only, otherwise 5 s; 0 to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan? LameDuck { get; set; }

    /// <summary>Gets or sets how long streams have to end when the host stops, before they are cut.</summary>
    /// <value>Default 20 s, so that the whole stop, with 5 s before and after, fits into the 30 s that Kubernetes gives; 0 to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets what is logged, and how.</summary>
    public LoggingSettings Logging { get; set; } = new();
}
