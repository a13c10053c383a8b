using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Nats.Settings;

/// <summary>Where the NATS servers are, who this broker is to them, and how long it waits for them.</summary>
public abstract class NatsSettings : IValidatableObject
{
    /// <summary>Gets or sets the addresses of the servers, such as <c>nats://nats.example:4222</c>; of a cluster at least one, better all.</summary>
    /// <value>Required. Schemes <c>nats</c>, <c>tls</c>, <c>ws</c> and <c>wss</c>; without user and password.</value>
    [MinLength(1)]
    public IReadOnlyList<string> Servers { get; set; } = [];

    /// <summary>Gets or sets the name under which the servers show this connection.</summary>
    /// <value>Default <c>eventbroker</c>.</value>
    [Required]
    public string ClientName { get; set; } = "eventbroker";

    /// <summary>Gets or sets the user.</summary>
    /// <value>Default none; goes with <see cref="Password"/>.</value>
    public string? User { get; set; }

    /// <summary>Gets or sets the user's password.</summary>
    /// <value>Default none.</value>
    public string? Password { get; set; }

    /// <summary>Gets or sets the token, for servers that know one for everybody.</summary>
    /// <value>Default none.</value>
    public string? Token { get; set; }

    /// <summary>Gets or sets the seed of a user's NKey, beginning with <c>SU</c>.</summary>
    /// <value>Default none.</value>
    public string? NKeySeed { get; set; }

    /// <summary>Gets or sets the path of a credentials file: a user's JWT with the seed of its NKey.</summary>
    /// <value>Default none. Read again for each connection, so it can be renewed while the broker runs.</value>
    public string? CredentialsFile { get; set; }

    /// <summary>Gets or sets how the connection is encrypted.</summary>
    public NatsTlsSettings Tls { get; set; } = new();

    /// <summary>Gets or sets how long a server may take to accept a connection.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the servers may take to answer a call. After that a publish fails with DEADLINE_EXCEEDED and is not
    /// known to be published.</summary>
    /// <value>Default 5 s; 100 ms to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how often a silent connection is asked whether it lives. After two unanswered questions it counts as lost.</summary>
    /// <value>Default 5 s; 100 ms to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the start of the host waits for the servers. Without them it starts all the same: calls are refused with
    /// UNAVAILABLE until they are there.</summary>
    /// <value>Default 5 s; 0 to 50 s, since the host gives a plugin a minute.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:50")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the largest message, encoded. What a server takes at the most (<c>max_payload</c>, 1 MiB by default) bounds it as
    /// well, less 1 KiB for headers.</summary>
    /// <value>Default 1023 KiB; 1 KiB to 64 MiB.</value>
    [Range(typeof(ByteSize), "1KiB", "64MiB")]
    public ByteSize MaxMessageBytes { get; set; } = ByteSize.FromKibibytes(1023);

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => NatsSettingsRules.Check(this);
}
