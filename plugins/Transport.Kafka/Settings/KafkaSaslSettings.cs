using System.ComponentModel.DataAnnotations;

namespace EventBroker.Transport.Kafka.Settings;

/// <summary>How brokers of Kafka are told who this is.</summary>
public sealed class KafkaSaslSettings
{
    /// <summary>Gets or sets the mechanism.</summary>
    /// <value>Default <c>scram-sha-512</c>; or <c>scram-sha-256</c>, <c>plain</c>, <c>oauth-bearer</c>.</value>
    public KafkaSaslMechanism Mechanism { get; set; } = KafkaSaslMechanism.ScramSha512;

    /// <summary>Gets or sets the user.</summary>
    /// <value>Required, except for <c>oauth-bearer</c>, which takes it for the principal.</value>
    public string? User { get; set; }

    /// <summary>Gets or sets the password.</summary>
    /// <value>Required, except for <c>oauth-bearer</c>.</value>
    public string? Password { get; set; }

    /// <summary>Gets or sets the file with the token of <c>oauth-bearer</c>, a JSON web token. Read anew before the token expires.</summary>
    /// <value>Required for <c>oauth-bearer</c>.</value>
    public string? TokenPath { get; set; }

    /// <summary>Gets or sets after how long a token that says nothing of its end is read anew.</summary>
    /// <value>Default 5 min; 10 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    internal string? FindFault() => Mechanism == KafkaSaslMechanism.OAuthBearer
        ? TokenPath is null ? "needs a tokenPath with the mechanism oauth-bearer" : null
        : string.IsNullOrEmpty(User) || Password is null ? "needs a user and a password with this mechanism" : null;
}
