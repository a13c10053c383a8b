using EventBroker.Broker;

namespace EventBroker.Endpoints;

/// <summary>What an application decides about the broker that it serves.</summary>
public sealed class EventBrokerOptions
{
    /// <summary>Gets or sets what makes the broker's parts: transports, routes, authorizers, interceptors and limits. Called once, when the
    /// endpoints are mapped. What it takes from the service provider belongs to that, what it makes itself to the application.</summary>
    /// <value>Required.</value>
    public Func<IServiceProvider, BrokerSetup>? Setup { get; set; }

    /// <summary>Gets the origins of web pages, other than the broker's own, that may call it: REST, SSE and WebSocket.</summary>
    /// <value>Empty by default: none. An origin is written as browsers send it, <c>https://app.example.com</c>;
    /// <c>*</c> allows all.</value>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Gets or sets whether gRPC reflection is served, to callers who may <c>admin</c>.</summary>
    /// <value>Default true.</value>
    public bool Reflection { get; set; } = true;

    /// <summary>Gets or sets how often a quiet SSE or WebSocket stream carries a heartbeat, so that nothing on the way takes it for dead.</summary>
    /// <value>Default 30 s, as clients of the contract expect; 1 s to 1 h.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a WebSocket client has to answer the ping that goes with each heartbeat, before its connection counts as
    /// dead and is cut. Whatever it sends counts as an answer.</summary>
    /// <value>Default 20 s; 0, which is no pings, or 1 s to 1 h.</value>
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets how long what was written to an SSE or WebSocket stream over HTTP/1.1 may lie there without the other side's system
    /// taking it, before the connection is cut. On Linux only.</summary>
    /// <value>Default 30 s; 0, which leaves it to the system, or 1 s to 1 h.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how fast the body of a request must go on coming once it has begun, in bytes a second, measured every 5 s.
    /// Streams are exempt, but for a message that a publish stream has begun, which is measured every 30 s.</summary>
    /// <value>Default 240, that of Kestrel's own rate, which measures bodies that do not begin; 0, which is no rate, to 1 GiB.</value>
    public int MinBytesPerSecond { get; set; } = 240;

    /// <summary>Gets or sets how long the broker goes on serving as before when the application stops, while <c>/readyz</c> and
    /// <c>grpc.health.v1</c> say that it is going: time for a load balancer to send nobody here any more. Subscriptions end only then.</summary>
    /// <value>Default 0; 0 to 10 min. The host's own shutdown timeout must be longer.</value>
    public TimeSpan LameDuck { get; set; }

    /// <summary>Gets or sets how long streams have to end when the application stops, before their connections are cut.</summary>
    /// <value>Default 10 s; 0 to 10 min. The host's own shutdown timeout ends it earlier.</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Tells whether a text is one that <see cref="AllowedOrigins"/> takes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True for an origin as browsers send it, and for <c>*</c>.</returns>
    public static bool IsOrigin(string text) =>
        text is "*" or "null"
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase));
}
