using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

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
    /// (see <see cref="KeepAliveInterval"/>). 10 ms to a day.</summary>
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

    /// <summary>Gets or sets how calls are tried again. NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED,
    /// INVALID_ARGUMENT, UNIMPLEMENTED and OUT_OF_RANGE are answers, not failures: they are never retried. A publish is retried with the same
    /// message id.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets when calls are not even tried.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; set; } = new();

    /// <summary>Gets or sets how a subscription, of a handler too, comes back after its stream has ended: by default for as long as it takes, so that
    /// no outage, however long, costs it its place. A stream that stayed open for longer than <see cref="RetryOptions.LongestBackoff"/> begins a new
    /// count, and nothing else does. One that gives up ends with its last failure, which is an error in the log and in the health check; with 0 retries
    /// it ends as its stream does, without an exception where the server has ended it without one.</summary>
    public RetryOptions Reconnect { get; set; } = new()
    {
        MaxRetries = null,
        FirstBackoff = TimeSpan.FromMilliseconds(250),
        LongestBackoff = TimeSpan.FromSeconds(1),
    };

    /// <summary>Gets or sets how long the connection may be silent before an HTTP/2 ping is sent, also while no call is under way: so a connection
    /// that died silently is noticed. Default 30 s; 1 s to a day; null: never.</summary>
    public TimeSpan? KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the answer to a ping may take before the connection is closed and its calls fail with UNAVAILABLE. Default
    /// 10 s; 1 s to a day.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many acks, nacks and extensions one call holds at the most. While a call is under way, what comes meanwhile is
    /// collected: it is the next call. Default 100; 1 to 10 000.</summary>
    public int SettlementBatchSize { get; set; } = 100;

    /// <summary>Gets or sets how long an incomplete batch of them waits for more. Default zero: it is sent at once unless a call is under way, which
    /// already makes batches as large as the load asks for. Up to 1 minute; keep it far below the ack timeout.</summary>
    public TimeSpan SettlementLinger { get; set; }

    /// <summary>Gets or sets how long closing a subscription or the transport waits for the settlements made before to be answered. Default 5 s;
    /// zero to a day. What is not answered by then may or may not have arrived.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the client's certificate with its private key, for mutual TLS. Default null. Whether TLS is used at all is the
    /// address's matter.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Gets or sets the authorities to trust instead of the system's, such as a company's own. Default null. Revocation is not
    /// checked against them.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; set; }

    /// <summary>Gets or sets a check of the server's certificate of one's own. Default null. Excludes
    /// <see cref="TrustedAuthorities"/>.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; set; }

    /// <summary>Gets or sets a handler to send with, instead of the transport's own: for tests and in-process brokers. It must speak
    /// HTTP/2; pings, TLS and <see cref="ConnectTimeout"/> are then its own affair. The transport does not dispose it.</summary>
    public HttpMessageHandler? HttpHandler { get; set; }
}
