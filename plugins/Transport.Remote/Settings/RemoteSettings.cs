using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Remote.Settings;

/// <summary>Which broker stands behind this one, and how it is reached.</summary>
public sealed class RemoteSettings : IValidatableObject
{
    /// <summary>Gets or sets the gRPC address of the broker behind, such as <c>https://broker.example:8443</c>.</summary>
    /// <value>Required; begins with <c>http://</c> (HTTP/2 without TLS) or <c>https://</c>, without user, path or query.</value>
    [Required]
    public Uri? Address { get; set; }

    /// <summary>Gets or sets which of the caller's headers are passed on, so that the broker behind decides about the caller.</summary>
    /// <value>Default <c>authorization</c>. Empty: none, and every call is made with <see cref="Token"/>.</value>
    public IReadOnlyList<string> ForwardHeaders { get; set; } = ["authorization"];

    /// <summary>Gets or sets which parameters of the caller's query are passed on, each with the header that it becomes: a browser's
    /// WebSocket and EventSource can send no headers of their own.</summary>
    /// <value>Default none. What becomes <c>authorization</c> is sent as a bearer token. A header that the caller sends counts more.</value>
    public IReadOnlyDictionary<string, string> ForwardQueryParameters { get; set; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets or sets the bearer token with which this broker calls when the caller brings no credentials.</summary>
    /// <value>Default none: such a call is made without any.</value>
    public string? Token { get; set; }

    /// <summary>Gets or sets a file that holds that token, for one that is renewed while the broker runs.</summary>
    /// <value>Default none. Read again when it is older than 10 s. Excludes <see cref="Token"/>.</value>
    public string? TokenFile { get; set; }

    /// <summary>Gets or sets whether credentials may be sent unencrypted to another machine.</summary>
    /// <value>Default false: refused at start.</value>
    public bool AllowCredentialsWithoutTls { get; set; }

    /// <summary>Gets or sets how long one attempt of a call may take.</summary>
    /// <value>Default 10 s; 100 ms to 1 h. Then it fails with DEADLINE_EXCEEDED.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how often a call that did not get through is tried again. Clients of this broker retry as well, and each of
    /// their attempts is tried so often.</summary>
    /// <value>Default 1; 0 to 10.</value>
    [Range(0, 10)]
    public int Retries { get; set; } = 1;

    /// <summary>Gets or sets how long the broker behind may take to answer when this one starts; until then it is asked again and
    /// again.</summary>
    /// <value>Default 15 s; 1 s to 50 s, since the host gives a plugin a minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:50")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets the largest message, encoded.</summary>
    /// <value>Default 4 MiB, as the limit of a broker; 1 KiB to 256 MiB.</value>
    [Range(typeof(ByteSize), "1KiB", "256MiB")]
    public ByteSize MaxMessageBytes { get; set; } = ByteSize.FromMebibytes(4);

    /// <summary>Gets or sets how a connection that died silently is noticed.</summary>
    public KeepAliveSettings KeepAlive { get; set; } = new();

    /// <summary>Gets or sets what is special about TLS.</summary>
    public TlsSettings Tls { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => RemoteSettingsRules.Check(this);
}
