namespace EventBroker.Transport.Kafka.Settings;

/// <summary>A way of telling who one is.</summary>
public enum KafkaSaslMechanism
{
    /// <summary>Salted challenge and response over SHA-512.</summary>
    ScramSha512,

    /// <summary>Salted challenge and response over SHA-256.</summary>
    ScramSha256,

    /// <summary>User and password as they are; only with TLS.</summary>
    Plain,

    /// <summary>A token from a file.</summary>
    OAuthBearer,
}
