using System.ComponentModel.DataAnnotations;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.Redis.Settings;

/// <summary>Which Redis holds the events, and how.</summary>
public sealed class RedisSettings : IValidatableObject
{
    /// <summary>Gets or sets where Redis is: <c>host:6379,ssl=true,defaultDatabase=2</c> (the client library's form, with several hosts for a
    /// cluster and <c>serviceName=mymaster</c> for Sentinel), or <c>redis://user:password@host:6379/2</c>, with TLS <c>rediss://</c>.</summary>
    /// <value>Required.</value>
    [Required]
    public string ConnectionString { get; set; } = "";

    /// <summary>Gets or sets the ACL user, so that it need not stand in the connection string.</summary>
    /// <value>Default: what the connection string says.</value>
    public string? User { get; set; }

    /// <summary>Gets or sets the password, so that it need not stand in the connection string.</summary>
    /// <value>Default: what the connection string says.</value>
    public string? Password { get; set; }

    /// <summary>Gets or sets the password of the Sentinels, where they have one of their own.</summary>
    /// <value>Default none.</value>
    public string? SentinelPassword { get; set; }

    /// <summary>Gets or sets what is special about TLS.</summary>
    public RedisTlsSettings Tls { get; set; } = new();

    /// <summary>Gets or sets how all keys and channels begin, before a colon. Two brokers with the same prefix share their events.</summary>
    /// <value>Default <c>eb</c>; 1 to 50 characters out of <c>A-Z a-z 0-9 . _ - :</c>.</value>
    [RegularExpression("^[A-Za-z0-9._:-]{1,50}$")]
    public string KeyPrefix { get; set; } = "eb";

    /// <summary>Gets or sets how long a message is kept, by Redis' clock.</summary>
    /// <value>Default 24 h; 1 s to 3650 days.</value>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Gets or sets how many messages an event keeps.</summary>
    /// <value>Default 1 000 000; 1 to 1 000 000 000. Above 10 000 up to a node of the stream more are kept (100 by default).</value>
    [Range(1, 1_000_000_000)]
    public int MaxMessagesPerEvent { get; set; } = 1_000_000;

    /// <summary>Gets or sets how much memory of Redis an event's messages may take.</summary>
    /// <value>Default 256 MiB; 4 KiB to 1 TiB. Measured by <c>MEMORY USAGE</c>, which takes samples: exact to some percent.</value>
    [Range(typeof(ByteSize), "4KiB", "1TiB")]
    public ByteSize MaxBytesPerEvent { get; set; } = ByteSize.FromMebibytes(256);

    /// <summary>Gets or sets how many worker groups and consumer ids an event may have.</summary>
    /// <value>Default 10 000; 1 to 1 000 000.</value>
    [Range(1, 1_000_000)]
    public int MaxPlacesPerEvent { get; set; } = 10_000;

    /// <summary>Gets or sets how long a worker group or consumer id is remembered that nobody comes to.</summary>
    /// <value>Default 30 days; 1 min to 3650 days. Measured from when a host last had a member there, or from when the last redelivery came
    /// due if that is later. It is forgotten within an hour, and at once where an event has as many as it may.</value>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan PlaceExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how long the id of a message is remembered: a second message with it is dropped.</summary>
    /// <value>Default 2 min; 0 s (none) to 7 days. Each id takes about 150 bytes of Redis' memory for so long; those that
    /// the broker has made up are not remembered.</value>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan DeduplicationWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets how long a host may leave a message that it holds without renewing it, before another takes it: how long
    /// messages of a host that died are held up.</summary>
    /// <value>Default 30 s; 1 s to 1 h. Every host over the same keys should say the same. Renewed three times as often.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often a waiting subscription looks for messages although nothing has woken it: those that other programs
    /// added, and what happened while a connection was cut.</summary>
    /// <value>Default 2 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets how long a call waits for Redis, a reconnect included.</summary>
    /// <value>Default 5 s; 100 ms to 1 min. Then it fails with UNAVAILABLE.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long Redis may take to answer when the broker starts.</summary>
    /// <value>Default 15 s; 1 s to 50 s, since the host gives a plugin a minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:50")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets whether the broker starts without Redis, and serves its events once it is there.</summary>
    /// <value>Default false: the start fails. Over Sentinel one of them must answer all the same.</value>
    public bool StartWithoutRedis { get; set; }

    /// <summary>Gets or sets how many replicas must have a message before its publish is answered (<c>WAIT</c>).</summary>
    /// <value>Default 0; 0 to 10. With fewer within <see cref="ReplicaTimeout"/> the publish fails with UNAVAILABLE, and the message may be
    /// there all the same.</value>
    [Range(0, 10)]
    public int Replicas { get; set; }

    /// <summary>Gets or sets how long the replicas may take.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan ReplicaTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets whether Redis may be one that evicts keys without an expiry when memory is short, whole events with them.</summary>
    /// <value>Default false: the start is refused while <c>maxmemory-policy</c> is one of <c>allkeys-…</c>.</value>
    public bool AllowEviction { get; set; }

    /// <summary>Gets or sets which field of an entry that another program added is the payload.</summary>
    /// <value>Default <c>payload</c>. Without it the payload is empty. Fields that are neither payload, id nor source become metadata.</value>
    [Required]
    public string PayloadField { get; set; } = "payload";

    /// <summary>Gets or sets which field of such an entry is the message's id.</summary>
    /// <value>Default <c>id</c>. Without it the id is the entry's.</value>
    [Required]
    public string IdField { get; set; } = "id";

    /// <summary>Gets or sets which field of such an entry is the message's source.</summary>
    /// <value>Default <c>source</c>. Without it the source is <c>redis</c>.</value>
    [Required]
    public string SourceField { get; set; } = "source";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionOptions.FindFault(this) is { } fault)
        {
            yield return new ValidationResult(fault, [nameof(ConnectionString)]);
        }

        if (DeduplicationWindow > TimeSpan.Zero && DeduplicationWindow < TimeSpan.FromSeconds(1))
        {
            yield return new ValidationResult("must be 0s (none) or at least 1s", [nameof(DeduplicationWindow)]);
        }
    }
}
