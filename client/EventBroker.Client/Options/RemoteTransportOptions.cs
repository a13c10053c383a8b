namespace EventBroker.Client;

/// <summary>How a <see cref="RemoteTransport"/> reaches its broker. Copied when the transport is made: a later change has no
/// effect on it.</summary>
public sealed class RemoteTransportOptions
{
    /// <summary>Gets or sets the broker's gRPC address, such as <c>http://127.0.0.1:9090</c> or <c>https://broker.example</c>.
    /// Required. With https the system's proxy is used (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>), which without TLS carries no HTTP/2.</summary>
    public Uri? Address { get; set; }

    /// <summary>Gets or sets who publishes: the <c>x-source</c> of messages that have no <see cref="OutgoingMessage.Source"/> of
    /// their own. Default null: the broker writes <c>remote</c>.</summary>
    public string? Source { get; set; }

    /// <summary>Gets or sets where bearer tokens come from, asked once per call, and again for every reconnect of a subscription. Null:
    /// no token, as does a provider that returns null; an empty one is a failure that passes. The provider caches; the transport does not. Over plain HTTP it is refused
    /// unless the address is loopback or <see cref="AllowTokenWithoutTls"/> is set.</summary>
    public Func<CancellationToken, ValueTask<string?>>? TokenProvider { get; set; }

    /// <summary>Gets or sets whether tokens may be sent over plain HTTP to another machine. Default false.</summary>
    public bool AllowTokenWithoutTls { get; set; }

    /// <summary>Gets or sets headers sent with every call, such as an API key. Names in lower case; default none.</summary>
    public IDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets how long one attempt of a call may take, acks and the opening of a subscription included; afterwards it counts
    /// as failed with DEADLINE_EXCEEDED and may be tried again. Default null: for as long as the connection lives
    /// (see <see cref="KeepAlive"/>). 10 ms to a day.</summary>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>Gets or sets how long a TCP connection may take to come about. Default 5 s; above zero.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the largest message sent or received, in bytes as encoded. A larger one that comes is left out: logged, counted, and
    /// given back with a delay that grows to 10 minutes, while what lies behind it goes on. Default 4 MiB plus room for what surrounds the
    /// payload, as the broker's own limit; at least 1024.</summary>
    public int MaxMessageBytes { get; set; } = (4 * 1024 * 1024) + (64 * 1024);

    /// <summary>Gets or sets whether publishes that are under way at the same time share a call, a stream, where the broker knows such calls: each
    /// has its own answer, retries, time and cancellation all the same. Default true.</summary>
    public bool ShareCalls { get; set; } = true;

    /// <summary>Gets or sets how calls are retried.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets when calls are not even tried.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();

    /// <summary>Gets or sets how subscriptions come back.</summary>
    public ReconnectOptions Reconnect { get; set; } = new();

    /// <summary>Gets or sets how a dead connection is noticed.</summary>
    public KeepAliveOptions KeepAlive { get; set; } = new();

    /// <summary>Gets or sets how settlements are sent.</summary>
    public SettlementOptions Settlement { get; set; } = new();

    /// <summary>Gets or sets what is special about TLS; the address decides whether it is used at all.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>Gets or sets a handler to send with, instead of the transport's own: for tests and in-process brokers. It must speak
    /// HTTP/2; <see cref="KeepAlive"/>, <see cref="Tls"/> and <see cref="ConnectTimeout"/> are then its own affair. The transport
    /// does not dispose it.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }
}
